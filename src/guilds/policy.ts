import type { BoundOwner } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import { MAX_TEXT, NEW_SERVER_BUDGET } from '../domain/limits.ts';
import { fromUsd, type MicroUsd, toUsd } from '../domain/money.ts';
import { DAY_MS } from '../domain/time.ts';
import type { GuildSettings, GuildStore } from '../store/guilds.ts';

/** What a server allows, defaults filled in. */
export interface Policy {
  readonly isOff: boolean;
  /** Code points in a line. */
  readonly textMax: number;
  readonly linesPerMinute: number;
  /** Characters a member may have spoken in a day, and the whole server. */
  readonly charactersPerDay: number;
  readonly serverCharactersPerDay: number;
  /** Waiting lines of a member, and of the whole server. */
  readonly waiting: number;
  readonly serverWaiting: number;
  /** What its admins set; undefined: nothing. What the operator gives binds besides. */
  readonly budgetPerDay: MicroUsd | undefined;
  readonly budgetPerMonth: MicroUsd | undefined;
  /** What the operator gives a server that they do not trust: a day, and as long as it is new. */
  readonly givenPerDay: MicroUsd;
  readonly trial: { readonly until: number; readonly budget: MicroUsd };
}

export interface Policies {
  read(guildId: Snowflake): Promise<Policy>;
  patch(guildId: Snowflake, changes: Partial<GuildSettings>): Promise<Policy>;
}

/** What holds where no admin said otherwise. */
export const DEFAULTS = {
  textMax: 600,
  linesPerMinute: 20,
  charactersPerDay: 10_000,
  serverCharactersPerDay: 40_000,
  waiting: 5,
  serverWaiting: 20,
} as const satisfies Partial<Policy>;

/** What an admin may set a limit to, in dollars where it is money, and whose bound that is. */
export interface Bound {
  readonly range: readonly [number, number];
  readonly whose: BoundOwner;
}

/** Of a budget no trusted server's admin is told how much the bot itself has, by what is refused. */
const UNBOUND_USD = 100_000;

/** @param givenPerDay what the operator gives the server; undefined for one that is trusted. */
export function boundsUnder(
  givenPerDay: MicroUsd | undefined,
): Readonly<Record<keyof GuildSettings, Bound>> {
  const perDay = givenPerDay === undefined ? undefined : toUsd(givenPerDay);
  const budget = (days: number): Bound =>
    perDay === undefined
      ? { range: [0, UNBOUND_USD], whose: 'bot' }
      : { range: [0, perDay * days], whose: 'operator' };
  return {
    // As much as one field of Discord's forms takes.
    textMax: { range: [1, MAX_TEXT], whose: 'discord' },
    linesPerMinute: { range: [1, 60], whose: 'bot' },
    charactersPerDay: { range: [0, 1_000_000], whose: 'bot' },
    serverCharactersPerDay: { range: [0, 10_000_000], whose: 'bot' },
    waiting: { range: [1, 20], whose: 'bot' },
    budgetPerDay: budget(1),
    budgetPerMonth: budget(LONGEST_MONTH_DAYS),
  };
}

const LONGEST_MONTH_DAYS = 31;

/** @param givenPerDay what the operator gives a server that they do not trust. */
export function createPolicies(store: GuildStore, givenPerDay: MicroUsd): Policies {
  const firstDay = Math.min(NEW_SERVER_BUDGET, Math.floor(givenPerDay / 2));

  const read: Policies['read'] = async (guildId) => {
    const row = await store.read(guildId);
    return {
      isOff: row.isOff,
      textMax: row.textMax ?? DEFAULTS.textMax,
      linesPerMinute: row.linesPerMinute ?? DEFAULTS.linesPerMinute,
      charactersPerDay: row.charactersPerDay ?? DEFAULTS.charactersPerDay,
      serverCharactersPerDay: row.serverCharactersPerDay ?? DEFAULTS.serverCharactersPerDay,
      waiting: row.waiting ?? DEFAULTS.waiting,
      serverWaiting: DEFAULTS.serverWaiting,
      budgetPerDay: row.budgetPerDay,
      budgetPerMonth: row.budgetPerMonth,
      givenPerDay,
      trial: { until: row.firstSeenAt + DAY_MS, budget: firstDay },
    };
  };

  return {
    read,
    async patch(guildId, changes) {
      await store.patch(guildId, changes);
      return await read(guildId);
    },
  };
}

/** An admin types dollars; the store keeps micro-dollars. */
export function readBudget(usd: number | undefined): MicroUsd | undefined {
  return usd === undefined ? undefined : fromUsd(usd);
}
