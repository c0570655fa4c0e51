import { createHmac, hkdfSync } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Snowflake } from '../domain/ids.ts';
import type { MicroUsd } from '../domain/money.ts';
import type { Clock } from '../domain/time.ts';
import { KEY_BYTES } from './envelope.ts';
import type { Tables } from './schema.ts';

/** A running sum of one period: to read it costs a row, however much was counted. */
export interface Counter {
  /** Says what is counted, of whom, and since when. */
  readonly name: string;
  /** When its period is over and the row goes. */
  readonly until: number;
}

export interface Counts {
  readonly times: number;
  readonly characters: number;
  readonly microUsd: MicroUsd;
}

/** What is counted beyond the deletion of all else. */
export interface Counters {
  /** Names what an account does by a keyed hash, so that the row tells nobody whose it is. */
  nameFor(userId: Snowflake, what: string): string;
  /** Begins a counter's period anew, to last until then. */
  open(counter: Counter): Promise<void>;
  /** When the period of a counter is over; undefined: there is none. */
  endOf(name: string): Promise<number | undefined>;
  /** Deletes those whose period is over. */
  prune(): Promise<void>;
}

export const NOTHING: Counts = { times: 0, characters: 0, microUsd: 0 };

export function createCounters(
  db: Kysely<Tables>,
  { masterKey, clock }: { masterKey: Buffer; clock: Clock },
): Counters {
  const key = Buffer.from(hkdfSync('sha256', masterKey, '', 'counters', KEY_BYTES));

  return {
    nameFor: (userId, what) => createHmac('sha256', key).update(`${userId} ${what}`).digest('hex'),

    async open(counter) {
      await pruneCounters(db, clock());
      await db
        .insertInto('counter')
        .values(rowOf(counter, NOTHING))
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ until: counter.until }))
        .execute();
    },

    async endOf(name) {
      const row = await db
        .selectFrom('counter')
        .select('until')
        .where('name', '=', name)
        .executeTakeFirst();
      return row?.until;
    },

    prune: () => pruneCounters(db, clock()),
  };
}

export async function readCounters(
  db: Kysely<Tables>,
  names: readonly string[],
): Promise<ReadonlyMap<string, Counts>> {
  const rows = await db.selectFrom('counter').selectAll().where('name', 'in', names).execute();
  return new Map(
    rows.map(({ name, times, characters, micro_usd: microUsd }) => {
      return [name, { times, characters, microUsd }];
    }),
  );
}

/** Adds to counters that are there, and begins the others. */
export async function count(
  trx: Transaction<Tables>,
  counters: readonly Counter[],
  counts: Counts,
): Promise<void> {
  await trx
    .insertInto('counter')
    .values(counters.map((counter) => rowOf(counter, counts)))
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet(({ eb, ref }) => ({
        times: eb('counter.times', '+', ref('excluded.times')),
        characters: eb('counter.characters', '+', ref('excluded.characters')),
        micro_usd: eb('counter.micro_usd', '+', ref('excluded.micro_usd')),
      })),
    )
    .execute();
}

/** Takes back from counters whose period is not over. */
export async function countBack(
  trx: Transaction<Tables>,
  counters: readonly Counter[],
  { times, characters, microUsd }: Counts,
): Promise<void> {
  const names = counters.map(({ name }) => name);
  await trx
    .updateTable('counter')
    .set(({ eb }) => ({
      times: eb('times', '-', times),
      characters: eb('characters', '-', characters),
      micro_usd: eb('micro_usd', '-', microUsd),
    }))
    .where('name', 'in', names)
    .execute();
}

export async function pruneCounters(db: Kysely<Tables>, now: number): Promise<void> {
  await db.deleteFrom('counter').where('until', '<=', now).execute();
}

function rowOf({ name, until }: Counter, { times, characters, microUsd }: Counts) {
  return { name, until, times, characters, micro_usd: microUsd };
}
