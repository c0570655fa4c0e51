import { UserError, unreachable } from '../domain/errors.ts';
import type { MemberRef, Snowflake } from '../domain/ids.ts';
import type { MicroUsd } from '../domain/money.ts';
import { type Clock, DAY_MS, startOfDay, startOfMonth, startOfNextMonth } from '../domain/time.ts';
import type { Cap, Ledger, Spent, Usage } from '../store/ledger.ts';
import { DEFAULTS, type Policies } from './policy.ts';

export interface Charge {
  readonly id: string;
  readonly guildId: Snowflake | undefined;
  readonly member: MemberRef;
  readonly characters: number;
  readonly microUsd: MicroUsd;
}

/** Money and characters taken before they are used; either call ends it, a second does nothing. */
export interface Reservation {
  /** @param spent no more than was reserved. */
  settle(spent: Spent): Promise<void>;
  release(): Promise<void>;
}

export type Period = 'day' | 'week' | 'month';

/** Reserve before spending, settle after: no budget is overrun, whatever happens at once. */
export interface Money {
  /** What the whole bot may spend. */
  readonly budget: { readonly perDay: MicroUsd; readonly perMonth: MicroUsd };
  /** @throws UserError E_BUDGET, E_CHARACTERS. */
  reserve(charge: Charge): Promise<Reservation>;
  /** Spent and reserved since the start of the day or month, or in the last seven days. */
  usage(period: Period, guildId?: Snowflake): Promise<Usage>;
}

/** Which refusal a cap stands for. */
interface NamedCap extends Cap {
  readonly whose: 'member' | 'server' | 'bot';
  readonly period: 'day' | 'month';
  /** When there is room again. */
  readonly until: number;
}

export function createMoney(options: {
  ledger: Ledger;
  policies: Policies;
  budget: Money['budget'];
  clock: Clock;
}): Money {
  const { ledger, policies, budget, clock } = options;

  return {
    budget,

    async reserve(charge) {
      const at = clock();
      const caps = [...botCaps(at), ...(await guildCaps(charge, at))];
      const reached = await ledger.reserve({ ...charge, at }, caps);
      if (reached) throw refusal(reached, charge);
      return {
        settle: (spent) => ledger.settle(charge.id, spent),
        release: () => ledger.release(charge.id),
      };
    },

    usage: (period, guildId) => ledger.usage(startOf(period, clock()), guildId),
  };

  function botCaps(at: number): NamedCap[] {
    const sum = 'microUsd';
    return [
      { ...today(at), sum, whose: 'bot', max: budget.perDay },
      { ...thisMonth(at), sum, whose: 'bot', max: budget.perMonth },
    ];
  }

  async function guildCaps({ guildId, member }: Charge, at: number): Promise<NamedCap[]> {
    if (guildId === undefined) return [privateCap(member, at)];
    const policy = await policies.read(guildId);
    const { trial, budgetPerDay, budgetPerMonth } = policy;
    const ofServer = { whose: 'server', guildId } as const;
    const caps: NamedCap[] = [
      {
        ...today(at),
        sum: 'characters',
        whose: 'member',
        guildId,
        member,
        max: policy.charactersPerDay,
      },
      { ...today(at), ...ofServer, sum: 'characters', max: policy.serverCharactersPerDay },
    ];
    if (budgetPerDay !== undefined)
      caps.push({ ...today(at), ...ofServer, sum: 'microUsd', max: budgetPerDay });
    else if (at < trial.until) {
      const firstDay = { since: trial.until - DAY_MS, until: trial.until, period: 'day' } as const;
      caps.push({ ...firstDay, ...ofServer, sum: 'microUsd', max: trial.budget });
    }
    if (budgetPerMonth !== undefined)
      caps.push({ ...thisMonth(at), ...ofServer, sum: 'microUsd', max: budgetPerMonth });
    return caps;
  }
}

/** In direct messages no server decides: what a member had spoken anywhere counts. */
function privateCap(member: MemberRef, at: number): NamedCap {
  const max = DEFAULTS.charactersPerDay;
  return { ...today(at), sum: 'characters', whose: 'member', member, max };
}

function today(at: number) {
  const since = startOfDay(at);
  return { since, until: since + DAY_MS, period: 'day' } as const;
}

function thisMonth(at: number) {
  return { since: startOfMonth(at), until: startOfNextMonth(at), period: 'month' } as const;
}

function refusal({ sum, whose, period, max, until }: NamedCap, charge: Charge): UserError {
  const neverFits = charge[sum] > max;
  if (sum === 'microUsd') {
    const budget = { code: 'E_BUDGET', period, until, neverFits } as const;
    return whose === 'bot'
      ? new UserError({ ...budget, whose, isZero: max === 0 })
      : new UserError({ ...budget, whose: 'server', max });
  }
  return new UserError({
    code: 'E_CHARACTERS',
    whose: whose === 'member' ? 'member' : 'server',
    max,
    until,
    neverFits,
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
