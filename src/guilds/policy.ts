import type { Snowflake } from '../domain/ids.ts';
import { MAX_TEXT, NEW_SERVER_BUDGET } from '../domain/limits.ts';
import { fromUsd, type MicroUsd } from '../domain/money.ts';
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
  /** Undefined: only the bot's own budget binds. */
  readonly budgetPerDay: MicroUsd | undefined;
  readonly budgetPerMonth: MicroUsd | undefined;
  /** What a server that is new may spend until it no longer is. */
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

/**
 * What an admin may set each limit to, in dollars where it is money. The bot's own budget binds
 * besides and is no bound here: what is refused would tell the admin how much it is.
 */
export const BOUNDS = {
  textMax: [1, MAX_TEXT],
  linesPerMinute: [1, 60],
  charactersPerDay: [0, 1_000_000],
  serverCharactersPerDay: [0, 10_000_000],
  waiting: [1, 20],
  budgetPerDay: [0, 10_000],
  budgetPerMonth: [0, 100_000],
} as const satisfies Readonly<Record<keyof GuildSettings, readonly [number, number]>>;

export function createPolicies(store: GuildStore): Policies {
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
      trial: { until: row.firstSeenAt + DAY_MS, budget: NEW_SERVER_BUDGET },
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
