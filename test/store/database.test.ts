import { readFile, stat, writeFile } from 'node:fs/promises';
import BetterSqlite from 'better-sqlite3';
import { sql } from 'kysely';
import pino from 'pino';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/time.ts';
import { dayOf, firstDayOf, monthOf } from '../../src/guilds/caps.ts';
import { openDatabase } from '../../src/store/database.ts';
import { openStore } from '../../src/store/store.ts';
import { isDiskFull } from '../../src/store/store-error.ts';
import { type OpenedStore, openTemporary } from './open.ts';

describe('openDatabase', () => {
  test('writes for good: WAL, full synchronisation, foreign keys, nothing left of what is deleted', async () => {
    await using opened = await closed();
    await using database = await openDatabase(opened.path);
    const pragma = async (name: string) => {
      const { rows } = await sql
        .raw<Record<string, unknown>>(`pragma ${name}`)
        .execute(database.db);
      return Object.values(rows[0] ?? {})[0];
    };
    expect(await pragma('journal_mode')).toBe('wal');
    expect(await pragma('synchronous')).toBe(2);
    expect(await pragma('foreign_keys')).toBe(1);
    expect(await pragma('secure_delete')).toBe(1);
  });

  test('the files are for the eyes of their owner only', async () => {
    await using opened = await openTemporary();
    for (const file of [opened.path, `${opened.path}-wal`])
      expect((await stat(file)).mode & 0o777, file).toBe(0o600);
  });

  test('closing leaves one file, without a log beside it', async () => {
    await using opened = await closed();
    await expect(stat(`${opened.path}-wal`)).rejects.toThrow('ENOENT');
  });

  test('a migration that fails leaves nothing half done', async () => {
    await using opened = await closed();
    const sqlite = new BetterSqlite(opened.path);
    for (const name of tablesOf(sqlite)) sqlite.exec(`drop table ${name}`);
    // In the way of one of the last tables.
    sqlite.exec('create table voice_session (x)');
    await expect(openDatabase(opened.path)).rejects.toThrow('already exists');
    expect(tablesOf(sqlite).filter((name) => !name.startsWith('kysely_'))).toEqual([
      'voice_session',
    ]);
    sqlite.exec('drop table voice_session');
    sqlite.close();
    await opened.reopen();
  });

  test('a database of the first version is brought up to date, with what is in it', async () => {
    await using opened = await closed();
    const sqlite = new BetterSqlite(opened.path);
    const now = Date.now();
    sqlite.exec(`delete from kysely_migration where name > '0001-first-floor';
      alter table utterance drop column owner; drop table cache;
      alter table voice_session drop column panel;
      drop table counter; drop index ledger_voice; drop table retirement; drop table retirement_note;
      alter table ledger drop column kind; alter table ledger drop column voice;
      alter table ledger drop column has_price;
      insert into guild (id, first_seen_at) values ('1', ${now - DAY_MS / 2});
      insert into ledger (id, guild_id, member, characters, micro_usd, state, at)
        values ('a', '1', 'm', 3, 700, 'spent', ${now}), ('b', null, 'm', 3, 90, 'reserved', ${now}),
          ('c', '1', 'm', 3, 5000, 'released', ${now});
      alter table pending drop column user_id; alter table pending drop column answer;
      alter table block drop column by_member;
      insert into block (guild_id, user_id, at) values ('1', '5', 4);
      insert into access_rule values ('1', 'lend', 'deny', 'role', '7'),
        ('1', 'speak', 'deny', 'role', '7');
      insert into utterance (id, requester, voice, guild_id, channel_id, output, characters, at)
        values ('a', 'm', 'v', '1', '2', 'file', 3, 4), ('b', 'm', null, '1', '2', 'file', 3, 4)`);
    sqlite.close();
    await opened.reopen();
    expect(await opened.store.utterances.voicesHeard('1', 0)).toEqual([
      { name: undefined, owner: 'm', lines: 1, lastAt: 4 },
    ]);
    // What was spent already counts, each in its day, month and first day.
    const spent = async (name: string, microUsd: number) => {
      const cap = { name, until: now + DAY_MS, max: { microUsd } };
      const entry = { id: 'd', kind: 'line', guildId: '1', member: 'm', voice: undefined } as const;
      const more = { ...entry, characters: 0, microUsd: 1, at: now };
      return (await opened.store.ledger.findReached(more, [cap])) !== undefined;
    };
    for (const [name, microUsd] of [
      [`bot ${dayOf(now).name}`, 790],
      [`bot ${monthOf(now).name}`, 790],
      [`server 1 ${dayOf(now).name}`, 700],
      [`server 1 ${monthOf(now).name}`, 700],
      [`server 1 ${firstDayOf(now - DAY_MS / 2).name}`, 700],
    ] as const) {
      expect(await spent(name, microUsd), name).toBe(true);
      expect(await spent(name, microUsd + 1), name).toBe(false);
    }
    expect(await opened.store.guilds.rules('1')).toMatchObject([{ what: 'speak' }]);
    expect(await opened.store.blocks.list('1')).toMatchObject([{ userId: '5', by: undefined }]);
  });

  test('a database of a newer version is refused', async () => {
    await using opened = await closed();
    const sqlite = new BetterSqlite(opened.path);
    sqlite
      .prepare('insert into kysely_migration (name, timestamp) values (?, ?)')
      .run('9999-later', '2099-01-01T00:00:00.000Z');
    sqlite.close();
    await expect(openDatabase(opened.path)).rejects.toMatchObject({ kind: 'newer' });
    // It was let go again: only the version is in the way.
    await expect(openDatabase(opened.path)).rejects.toMatchObject({ kind: 'newer' });
  });

  test('what is no database, and one that is damaged inside, are refused', async () => {
    await using opened = await closed();
    const bytes = await readFile(opened.path);
    // A page of some table's or index's tree, deep inside.
    await writeFile(opened.path, bytes.fill(0x5a, 12 * 4096, 13 * 4096));
    await expect(openDatabase(opened.path)).rejects.toMatchObject({ kind: 'corrupt' });
    await writeFile(opened.path, 'this is no database, however long one makes it '.repeat(100));
    await expect(openDatabase(opened.path)).rejects.toMatchObject({ kind: 'corrupt' });
  });

  test('a second one is refused until the first is closed', async () => {
    await using opened = await openTemporary();
    const again = {
      path: opened.path,
      masterKey: undefined,
      clock: Date.now,
      log: pino({ level: 'silent' }),
    };
    await expect(openStore(again)).rejects.toMatchObject({ kind: 'locked' });
    await opened.close();
    await (await openStore(again))[Symbol.asyncDispose]();
  });
});

describe('transactions', () => {
  test('a checkpoint waits for the transaction that is under way', async () => {
    await using opened = await closed();
    await using database = await openDatabase(opened.path);
    let checkpoint: Promise<void> | undefined;
    await database.db.transaction().execute(async (trx) => {
      await trx.insertInto('member').values({ ref: 'a', user_id: '1', created_at: 1 }).execute();
      checkpoint = database.checkpoint();
    });
    await checkpoint;
    expect((await stat(`${opened.path}-wal`)).size).toBe(0);
  });

  test('what is read does not wait for a write that waits, and writes keep their order', async () => {
    await using opened = await closed();
    await using database = await openDatabase(opened.path);
    const { db } = database;
    const add = (ref: string) =>
      db.insertInto('member').values({ ref, user_id: ref, created_at: 1 }).execute();
    const refs = async () =>
      (await db.selectFrom('member').select('ref').orderBy(sql`rowid`).execute()).map(
        ({ ref }) => ref,
      );
    await add('a');
    const other = new BetterSqlite(opened.path);
    other.exec('begin exclusive');
    const writing: Promise<unknown>[] = [
      add('b'),
      db.transaction().execute(async (trx) => {
        await trx.insertInto('member').values({ ref: 'c', user_id: 'c', created_at: 1 }).execute();
      }),
    ];
    expect(await refs()).toEqual(['a']);
    writing.push(add('d'));
    expect(database.rightsVersion()).toBe(database.rightsVersion());
    other.close();
    await Promise.all(writing);
    expect(await refs()).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a full disk is named as such, loses nothing, and still lets a member delete', async () => {
    await using opened = await closed();
    await using database = await openDatabase(opened.path);
    const { db } = database;
    await sql`pragma max_page_count = 60`.execute(db);
    const add = (id: string) =>
      db.transaction().execute(async (trx) => {
        await trx.insertInto('member').values({ ref: id, user_id: id, created_at: 1 }).execute();
        const detail = 'x'.repeat(20_000);
        await trx
          .insertInto('audit')
          .values({ guild_id: null, member: id, kind: 'clone', detail, at: 1 })
          .execute();
      });
    const kept: string[] = [];
    let refusal: unknown;
    for (let id = 0; refusal === undefined; id += 1)
      await add(String(id)).then(
        () => kept.push(String(id)),
        (error: unknown) => {
          refusal = error;
        },
      );
    expect(isDiskFull(refusal)).toBe(true);
    const rows = await db.selectFrom('member').select('ref').execute();
    expect(rows.map(({ ref }) => ref)).toEqual(kept);
    await db.deleteFrom('audit').where('member', '=', '0').execute();
    await add('after');
  });
});

async function closed(): Promise<OpenedStore> {
  const opened = await openTemporary();
  await opened.close();
  return opened;
}

function tablesOf(sqlite: BetterSqlite.Database): string[] {
  return sqlite
    .prepare<[], { name: string }>(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by rowid desc",
    )
    .all()
    .map(({ name }) => name);
}
