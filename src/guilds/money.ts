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
  isReached,
  monthOf,
  type NamedCap,
  spanCap,
} from './caps.ts';
import { DEFAULTS, type Policies, type Policy } from './policy.ts';
import { type IsTrusted, trustedWhereItMatters } from './trust.ts';

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
  isTrusted: IsTrusted;
  clock: Clock;
}): Money {
  const { ledger, counters, policies, budget, isTrusted, clock } = options;

  return {
    budget,

    async reserve({ userId, ...charge }) {
      const at = clock();
      const entry: LedgerEntry = { ...charge, kind: 'line', voice: undefined, at };
      const reserved = await underCaps(userId, charge.guildId, at, (caps) =>
        ledger.reserve(entry, caps),
      );
      if (isReached(reserved)) throw refusal(reserved, charge);
      return reserved;
    },

    async check({ userId, ...charge }) {
      const reached = await underCaps(userId, charge.guildId, clock(), (caps) =>
        ledger.findReached(charge, caps),
      );
      if (reached) throw refusal(reached, charge);
    },

    usage: (period, guildId) => ledger.usage(startOf(period, clock()), guildId),
  };

  async function underCaps<T>(
    userId: Snowflake,
    guildId: Snowflake | undefined,
    at: number,
    run: (caps: readonly NamedCap[]) => Promise<T | Reached<NamedCap>>,
  ): Promise<T | Reached<NamedCap>> {
    const policy = guildId === undefined ? undefined : await policies.read(guildId);
    const common = [...botCaps(budget, at), ...memberCaps(userId, guildId, policy ?? DEFAULTS, at)];
    if (!policy) return await run(common);
    return await trustedWhereItMatters(isTrusted, guildId, (isTrusted) =>
      run([...common, ...serverCaps(`server ${guildId}`, policy, { at, isTrusted })]),
    );
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

/** A sum that is bound by both is bound by the lower: the operator's, or what the admins set. */
function serverCaps(
  server: string,
  policy: Policy,
  { at, isTrusted }: { at: number; isTrusted: boolean },
): NamedCap[] {
  const { trial, serverCharactersPerDay: characters, budgetPerDay, budgetPerMonth } = policy;
  const given = isTrusted ? Number.POSITIVE_INFINITY : policy.givenPerDay;
  const own = (microUsd: MicroUsd = Number.POSITIVE_INFINITY) => microUsd;
  const today = Math.min(own(budgetPerDay), given);
  const whose = own(budgetPerDay) < given ? 'server' : 'operator';
  const caps = [
    spanCap(dayOf(at), server, { whose, max: { characters, microUsd: today } }),
    spanCap(monthOf(at), server, { whose: 'server', max: { microUsd: own(budgetPerMonth) } }),
  ];
  if (at >= trial.until) return caps;
  const firstDay = isTrusted ? {} : { microUsd: trial.budget };
  const span = firstDayOf(trial.until - DAY_MS);
  return [spanCap(span, server, { whose: 'operator', max: firstDay }), ...caps];
}

function refusal(
  { cap, sum }: Reached<NamedCap>,
  charge: Pick<Charge, 'characters' | 'microUsd'>,
): UserError {
  const { whose, period, until } = cap;
  const max = cap.max[sum] ?? 0;
  if (sum === 'microUsd') {
    const budget = { code: 'E_BUDGET', period, until, neverFits: charge.microUsd > max } as const;
    if (whose === 'bot') return new UserError({ ...budget, whose, isZero: max === 0 });
    return new UserError({ ...budget, whose: whose === 'operator' ? whose : 'server', max });
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
