import type { Kysely, Transaction, Updateable } from 'kysely';
import type { MemberRef, Snowflake } from '../domain/ids.ts';
import type { MicroUsd } from '../domain/money.ts';
import type { LedgerTable, Tables } from './schema.ts';

export interface LedgerEntry {
  readonly id: string;
  /** Undefined: nobody's server, the bot's own money only. */
  readonly guildId: Snowflake | undefined;
  readonly member: MemberRef;
  readonly characters: number;
  readonly microUsd: MicroUsd;
  readonly at: number;
}

/** What may not be overrun: a sum since an instant, of one server, one member or the whole bot. */
export interface Cap {
  readonly sum: 'microUsd' | 'characters';
  readonly since: number;
  readonly guildId?: Snowflake;
  readonly member?: MemberRef;
  readonly max: number;
}

export type Spent = Pick<LedgerEntry, 'characters' | 'microUsd'>;

export interface Usage {
  readonly lines: number;
  readonly characters: number;
  readonly microUsd: MicroUsd;
}

/** Money: reserve before spending, settle after. What is reserved counts as spent until released. */
export interface Ledger {
  /** Writes the entry unless a cap would be overrun, and then returns that cap; all in one transaction. */
  reserve<C extends Cap>(entry: LedgerEntry, caps: readonly C[]): Promise<C | undefined>;
  settle(id: string, spent: Spent): Promise<void>;
  release(id: string): Promise<void>;
  /** What a crash left reserved may have been spent, so it counts as spent. */
  settleLeftOvers(): Promise<void>;
  usage(since: number, guildId?: Snowflake): Promise<Usage>;
}

export function createLedger(db: Kysely<Tables>): Ledger {
  const close = async (id: string, changes: Updateable<LedgerTable>) => {
    await db
      .updateTable('ledger')
      .set(changes)
      .where('id', '=', id)
      .where('state', '=', 'reserved')
      .execute();
  };

  return {
    async reserve(entry, caps) {
      return await db.transaction().execute(async (trx) => {
        for (const cap of caps) {
          const { microUsd, characters } = await sum(trx, cap);
          const [used, more] =
            cap.sum === 'microUsd' ? [microUsd, entry.microUsd] : [characters, entry.characters];
          if (used + more > cap.max) return cap;
        }
        await trx
          .insertInto('ledger')
          .values({
            id: entry.id,
            guild_id: entry.guildId ?? null,
            member: entry.member,
            characters: entry.characters,
            micro_usd: entry.microUsd,
            state: 'reserved',
            at: entry.at,
          })
          .execute();
        return undefined;
      });
    },

    settle: (id, { characters, microUsd }) =>
      close(id, { state: 'spent', characters, micro_usd: microUsd }),
    release: (id) => close(id, { state: 'released' }),

    async settleLeftOvers() {
      await db
        .updateTable('ledger')
        .set({ state: 'spent' })
        .where('state', '=', 'reserved')
        .execute();
    },

    usage: (since, guildId) => sum(db, { since, ...(guildId !== undefined && { guildId }) }),
  };
}

async function sum(
  db: Kysely<Tables> | Transaction<Tables>,
  { since, guildId, member }: Pick<Cap, 'since' | 'guildId' | 'member'>,
): Promise<Usage> {
  const row = await db
    .selectFrom('ledger')
    .select(({ fn, eb }) => [
      // A call that was repeated has an entry of its own, without characters.
      fn.sum<number | null>(eb.case().when('characters', '>', 0).then(1).else(0).end()).as('lines'),
      fn.sum<number | null>('characters').as('characters'),
      fn.sum<number | null>('micro_usd').as('micro_usd'),
    ])
    .where('state', '!=', 'released')
    .where('at', '>=', since)
    .$if(guildId !== undefined, (query) => query.where('guild_id', '=', guildId ?? ''))
    .$if(member !== undefined, (query) => query.where('member', '=', member ?? ''))
    .executeTakeFirstOrThrow();
  return {
    lines: Number(row.lines ?? 0),
    characters: Number(row.characters ?? 0),
    microUsd: Number(row.micro_usd ?? 0),
  };
}
