import type { MicroUsd } from '../domain/money.ts';
import { DAY_MS, startOfDay, startOfMonth, startOfNextMonth } from '../domain/time.ts';
import type { Cap, Reached } from '../store/ledger.ts';

/** What the whole bot may spend. */
export interface Budget {
  readonly perDay: MicroUsd;
  readonly perMonth: MicroUsd;
}

/**
 * A cap, and which refusal it stands for; `until`: when there is room again. The operator's: what
 * they give a server.
 */
export interface NamedCap extends Cap {
  readonly whose: 'voice' | 'member' | 'server' | 'operator' | 'bot';
  readonly period: 'day' | 'month';
}

/** The instants between which something is counted, by their name. */
export interface Span {
  readonly name: string;
  readonly period: 'day' | 'month';
  readonly until: number;
}

/** All that the bot spends counts under both. */
export function botCaps(budget: Budget, at: number): NamedCap[] {
  return [
    spanCap(dayOf(at), 'bot', { whose: 'bot', max: { microUsd: budget.perDay } }),
    spanCap(monthOf(at), 'bot', { whose: 'bot', max: { microUsd: budget.perMonth } }),
  ];
}

/** Whether it was refused, because of this cap, instead of taken. */
export function isReached(taken: unknown): taken is Reached<NamedCap> {
  return typeof taken === 'object' && taken !== null && 'cap' in taken;
}

/** @param subject what is counted, of whom. */
export function spanCap(
  { name, period, until }: Span,
  subject: string,
  cap: Pick<NamedCap, 'whose' | 'max'>,
): NamedCap {
  return { ...cap, name: `${subject} ${name}`, period, until };
}

export function dayOf(at: number): Span {
  const since = startOfDay(at);
  return { name: `day ${since}`, period: 'day', until: since + DAY_MS };
}

export function monthOf(at: number): Span {
  return { name: `month ${startOfMonth(at)}`, period: 'month', until: startOfNextMonth(at) };
}

/** The 24 hours since something was first seen. */
export function firstDayOf(firstSeenAt: number): Span {
  return { name: `first day ${firstSeenAt}`, period: 'day', until: firstSeenAt + DAY_MS };
}
