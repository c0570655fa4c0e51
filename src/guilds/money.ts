import { UserError, unreachable } from '../domain/errors.ts';
import type { MemberRef, Snowflake } from '../domain/ids.ts';
import type { MicroUsd } from '../domain/money.ts';
import { type Clock, DAY_MS, startOfDay, startOfMonth } from '../domain/time.ts';
import type { Counters } from '../store/counters.ts';
import type { Ledger, LedgerEntry, Reached, Reservation, Usage } from '../store/ledger.ts';
import {
  type Budget,
  botCaps,
  dayOf,
  firstDayOf,
  monthOf,
  type NamedCap,
  type Span,
  spanCap,
} from './caps.ts';
import { DEFAULTS, type Policies, type Policy } from './policy.ts';

export type { Reservation };

/** What a line costs, and whose it is. */
export interface Charge {
  readonly id: string;
  readonly guildId: Snowflake | undefined;
  /** Whose characters they are: the account, or deleting oneself would give a fresh day. */
  readonly userId: Snowflake;
  readonly member: MemberRef;
  readonly characters: number;
  readonly microUsd: MicroUsd;
}

export type Period = 'day' | 'week' | 'month';

/** Reserve before spending, settle after: no budget is overrun, whatever happens at once. */
export interface Money {
  readonly budget: Budget;
  /** @throws UserError E_BUDGET, E_CHARACTERS. */
  reserve(charge: Charge): Promise<Reservation>;
  /** Whether so much is there now; nothing is taken. @throws UserError E_BUDGET, E_CHARACTERS. */
  check(charge: Omit<Charge, 'id' | 'member'>): Promise<void>;
  /** Spent and reserved since the start of the day or month, or in the last seven days. */
  usage(period: Period, guildId?: Snowflake): Promise<Usage>;
}

export function createMoney(options: {
  ledger: Ledger;
  counters: Counters;
  policies: Policies;
  budget: Budget;
  clock: Clock;
}): Money {
  const { ledger, counters, policies, budget, clock } = options;

  return {
    budget,

    async reserve({ userId, ...charge }) {
      const at = clock();
      const caps = await capsOf(userId, charge.guildId, at);
      const entry: LedgerEntry = { ...charge, kind: 'line', voice: undefined, at };
      const reserved = await ledger.reserve(entry, caps);
      if ('cap' in reserved) throw refusal(reserved, charge);
      return reserved;
    },

    async check({ userId, ...charge }) {
      const caps = await capsOf(userId, charge.guildId, clock());
      const reached = await ledger.findReached(charge, caps);
      if (reached) throw refusal(reached, charge);
    },

    usage: (period, guildId) => ledger.usage(startOf(period, clock()), guildId),
  };

  async function capsOf(
    userId: Snowflake,
    guildId: Snowflake | undefined,
    at: number,
  ): Promise<NamedCap[]> {
    const policy = guildId === undefined ? undefined : await policies.read(guildId);
    return [
      ...botCaps(budget, at),
      ...memberCaps(userId, guildId, policy ?? DEFAULTS, at),
      ...(policy ? serverCaps(`server ${guildId}`, policy, at) : []),
    ];
  }

  /** In direct messages no server decides: there, what a member had spoken anywhere counts. */
  function memberCaps(
    userId: Snowflake,
    guildId: Snowflake | undefined,
    { charactersPerDay }: Pick<Policy, 'charactersPerDay'>,
    at: number,
  ): NamedCap[] {
    const { name, ...day } = dayOf(at);
    const cap = (place: string, max: NamedCap['max']): NamedCap => {
      const hidden = counters.nameFor(userId, `characters ${place} ${name}`);
      return { ...day, name: hidden, whose: 'member', max };
    };
    const max = { characters: charactersPerDay };
    if (guildId === undefined) return [cap('anywhere', max)];
    return [cap(`in ${guildId}`, max), cap('anywhere', {})];
  }
}

function serverCaps(server: string, policy: Policy, at: number): NamedCap[] {
  const { trial, serverCharactersPerDay, budgetPerDay, budgetPerMonth } = policy;
  const cap = (span: Span, max: NamedCap['max']) => spanCap(span, server, { whose: 'server', max });
  const caps = [
    cap(dayOf(at), { characters: serverCharactersPerDay, ...bound(budgetPerDay) }),
    cap(monthOf(at), bound(budgetPerMonth)),
  ];
  if (at >= trial.until) return caps;
  const firstDay = bound(budgetPerDay === undefined ? trial.budget : undefined);
  return [...caps, cap(firstDayOf(trial.until - DAY_MS), firstDay)];
}

function bound(microUsd: MicroUsd | undefined): NamedCap['max'] {
  return microUsd === undefined ? {} : { microUsd };
}

function refusal(
  { cap, sum }: Reached<NamedCap>,
  charge: Pick<Charge, 'characters' | 'microUsd'>,
): UserError {
  const { whose, period, until } = cap;
  const max = cap.max[sum] ?? 0;
  if (sum === 'microUsd') {
    const budget = { code: 'E_BUDGET', period, until, neverFits: charge.microUsd > max } as const;
    return whose === 'bot'
      ? new UserError({ ...budget, whose, isZero: max === 0 })
      : new UserError({ ...budget, whose: 'server', max });
  }
  return new UserError({
    code: 'E_CHARACTERS',
    whose: whose === 'member' ? 'member' : 'server',
    max,
    until,
    neverFits: charge.characters > max,
  });
}

function startOf(period: Period, at: number): number {
  switch (period) {
    case 'day':
      return startOfDay(at);
    case 'week':
      return startOfDay(at) - 6 * DAY_MS;
    case 'month':
      return startOfMonth(at);
    default:
      return unreachable(period);
  }
}
