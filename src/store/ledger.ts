import type { Kysely, Updateable } from 'kysely';
import type { Logger } from 'pino';
import type { MemberRef, Snowflake } from '../domain/ids.ts';
import type { MicroUsd } from '../domain/money.ts';
import { keepBooks } from './bookkeeping.ts';
import {
  type Counter,
  type Counts,
  count,
  countBack,
  NOTHING,
  pruneCounters,
  readCounters,
} from './counters.ts';
import type { LedgerTable, Tables } from './schema.ts';

export interface LedgerEntry {
  readonly id: string;
  readonly kind: LedgerTable['kind'];
  /** Undefined: nobody's server, the bot's own money only. */
  readonly guildId: Snowflake | undefined;
  readonly member: MemberRef;
  /** The voice that is cloned or renewed; undefined for a line. */
  readonly voice: string | undefined;
  readonly characters: number;
  /** Undefined where nobody names the price: it counts as nothing. */
  readonly microUsd: MicroUsd | undefined;
  readonly at: number;
}

/** What may not be overrun, in any of its sums; a sum without a bound is counted all the same. */
export interface Cap extends Counter {
  readonly max: Partial<Counts>;
}

/** A cap that would be overrun, and by which of its sums. */
export interface Reached<C extends Cap> {
  readonly cap: C;
  readonly sum: keyof Counts;
}

export type Spent = Pick<Counts, 'characters' | 'microUsd'>;

/**
 * Money and characters taken before they are used; either call ends it, a second does nothing. What
 * they were for is over: neither fails, and what could not be noted counts as spent.
 */
export interface Reservation {
  /** @param spent no more than was reserved. */
  settle(spent: Spent): Promise<void>;
  release(): Promise<void>;
}

export interface Usage {
  readonly lines: number;
  readonly characters: number;
  /** Of the lines. */
  readonly microUsd: MicroUsd;
  readonly uploads: Uploads;
}

/** Clones and renewals. */
export interface Uploads {
  readonly clones: number;
  readonly renewals: number;
  readonly microUsd: MicroUsd;
  /** Those of them whose price nobody named; the money is without them. */
  readonly unpriced: number;
}

/** Money: reserve before spending, settle after. What is reserved counts as spent until released. */
export interface Ledger {
  /**
   * Writes the entry and adds it to the counter of each cap, unless one would be overrun; all in one
   * transaction. It costs the same however much was spent before.
   */
  reserve<C extends Cap>(entry: LedgerEntry, caps: readonly C[]): Promise<Reservation | Reached<C>>;
  /** The cap that the entry would overrun now. */
  findReached<C extends Cap>(
    entry: Pick<LedgerEntry, 'characters' | 'microUsd'>,
    caps: readonly C[],
  ): Promise<Reached<C> | undefined>;
  /** What a crash left reserved may have been spent, so it counts as spent. */
  settleLeftOvers(): Promise<void>;
  usage(since: number, guildId?: Snowflake): Promise<Usage>;
  /** What a voice has cost so far, beside what it spoke. */
  uploadsOf(voice: string): Promise<Uploads>;
}

export function createLedger(db: Kysely<Tables>, log: Logger): Ledger {
  return {
    async reserve(entry, caps) {
      return await db.transaction().execute(async (trx) => {
        const reached = await findReached(trx, entry, caps);
        if (reached) return reached;
        await trx
          .insertInto('ledger')
          .values({
            id: entry.id,
            kind: entry.kind,
            guild_id: entry.guildId ?? null,
            member: entry.member,
            voice: entry.voice ?? null,
            characters: entry.characters,
            micro_usd: entry.microUsd ?? 0,
            has_price: entry.microUsd === undefined ? 0 : 1,
            state: 'reserved',
            at: entry.at,
          })
          .execute();
        if (caps.length > 0) await count(trx, caps, countsOf(entry));
        await pruneCounters(trx, entry.at);
        return makeReservation(db, log, { entry, caps });
      });
    },

    findReached: (entry, caps) => findReached(db, entry, caps),

    async settleLeftOvers() {
      await db
        .updateTable('ledger')
        .set({ state: 'spent' })
        .where('state', '=', 'reserved')
        .execute();
    },

    async usage(since, guildId) {
      const row = await selectUploads(db)
        .select(({ fn, eb }) => [
          // A call that was repeated has an entry of its own, without characters.
          fn
            .sum<number | null>(eb.case().when('characters', '>', 0).then(1).else(0).end())
            .as('lines'),
          fn.sum<number | null>('characters').as('characters'),
          fn.sum<number | null>('micro_usd').as('micro_usd'),
        ])
        .where('at', '>=', since)
        .$if(guildId !== undefined, (query) => query.where('guild_id', '=', guildId ?? ''))
        .executeTakeFirstOrThrow();
      const uploads = readUploads(row);
      return {
        lines: Number(row.lines ?? 0),
        characters: Number(row.characters ?? 0),
        microUsd: Number(row.micro_usd ?? 0) - uploads.microUsd,
        uploads,
      };
    },

    async uploadsOf(voice) {
      return readUploads(
        await selectUploads(db).where('voice', '=', voice).executeTakeFirstOrThrow(),
      );
    },
  };
}

async function findReached<C extends Cap>(
  db: Kysely<Tables>,
  entry: Pick<LedgerEntry, 'characters' | 'microUsd'>,
  caps: readonly C[],
): Promise<Reached<C> | undefined> {
  const counters = await readCounters(
    db,
    caps.map(({ name }) => name),
  );
  const more = countsOf(entry);
  for (const cap of caps) {
    const used = counters.get(cap.name) ?? NOTHING;
    const sum = SUMS.find(
      (one) => used[one] + more[one] > (cap.max[one] ?? Number.POSITIVE_INFINITY),
    );
    if (sum) return { cap, sum };
  }
  return undefined;
}

const SUMS = ['times', 'characters', 'microUsd'] as const satisfies readonly (keyof Counts)[];

function countsOf({
  characters,
  microUsd = 0,
}: Pick<LedgerEntry, 'characters' | 'microUsd'>): Counts {
  return { times: 1, characters, microUsd };
}

function makeReservation(
  db: Kysely<Tables>,
  log: Logger,
  { entry, caps }: { entry: LedgerEntry; caps: readonly Cap[] },
): Reservation {
  const write = async (changes: Updateable<LedgerTable>, back: Counts) => {
    await db.transaction().execute(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('ledger')
        .set(changes)
        .where('id', '=', entry.id)
        .where('state', '=', 'reserved')
        .executeTakeFirstOrThrow();
      if (numUpdatedRows > 0n && caps.length > 0) await countBack(trx, caps, back);
    });
  };
  const close = (changes: Updateable<LedgerTable>, back: Counts) =>
    keepBooks(() => write(changes, back), {
      missing: 'a call counts with what was reserved for it',
      log,
    });
  const taken = countsOf(entry);

  return {
    settle: ({ characters, microUsd }) =>
      close(
        { state: 'spent', characters, micro_usd: microUsd },
        {
          times: 0,
          characters: taken.characters - characters,
          microUsd: taken.microUsd - microUsd,
        },
      ),
    release: () => close({ state: 'released' }, taken),
  };
}

function selectUploads(db: Kysely<Tables>) {
  return db
    .selectFrom('ledger')
    .select(({ fn, eb }) => {
      const isUpload = eb('kind', '!=', 'line');
      const times = (when: typeof isUpload) =>
        fn.sum<number | null>(eb.case().when(when).then(1).else(0).end());
      return [
        times(eb('kind', '=', 'clone')).as('clones'),
        times(eb('kind', '=', 'renewal')).as('renewals'),
        times(eb('has_price', '=', 0)).as('unpriced'),
        fn
          .sum<number | null>(eb.case().when(isUpload).then(eb.ref('micro_usd')).else(0).end())
          .as('upload_micro_usd'),
      ];
    })
    .where('state', '!=', 'released');
}

function readUploads(row: {
  clones: number | null;
  renewals: number | null;
  unpriced: number | null;
  upload_micro_usd: number | null;
}): Uploads {
  return {
    clones: Number(row.clones ?? 0),
    renewals: Number(row.renewals ?? 0),
    unpriced: Number(row.unpriced ?? 0),
    microUsd: Number(row.upload_micro_usd ?? 0),
  };
}
