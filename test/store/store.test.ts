import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { openTemporary } from './open.ts';

describe('openStore', () => {
  test('it writes safely: WAL, full synchronisation, foreign keys, no leftovers of what is deleted', async () => {
    await using opened = await openTemporary();
    const sqlite = new BetterSqlite(opened.path);
    expect(sqlite.pragma('journal_mode', { simple: true })).toBe('wal');
    sqlite.close();
    await expect(
      opened.store.voices.create({
        owner: 'nobody',
        consent: 'none',
        name: 'x',
        model: 'm',
        language: undefined,
        retention: 'from-upload',
        handle: { id: 'vv_x', expiresAt: 1 },
        sample: undefined,
        sampleSeconds: 1,
        replaces: undefined,
      }),
    ).rejects.toThrow(/FOREIGN KEY/);
  });

  test('a second one is refused, and one after a kill is not', async () => {
    await using opened = await openTemporary();
    const again = { path: opened.path, masterKey: undefined, clock: Date.now };
    await expect(openStore(again)).rejects.toMatchObject({ kind: 'locked' });
    await opened.close();
    const child = spawn(process.execPath, [FIXTURE, opened.path, 'a'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    await expect(openStore(again)).rejects.toMatchObject({ kind: 'locked' });
    child.kill('SIGKILL');
    await once(child, 'close');
    await (await openStore(again))[Symbol.asyncDispose]();
  });

  test('kill -9 loses no row that was acknowledged', { timeout: 60_000 }, async () => {
    await using opened = await openTemporary();
    await opened.close();
    const acknowledged: string[] = [];
    for (let round = 0; round < 12; round += 1) {
      const child = spawn(process.execPath, [FIXTURE, opened.path, `${round}:`], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let told = '';
      child.stdout.on('data', (chunk: Buffer) => {
        told += chunk.toString();
        if (told.length > 20 + round * 40) child.kill('SIGKILL');
      });
      await once(child, 'close');
      acknowledged.push(...told.split('\n').slice(0, -1));
    }
    await opened.reopen();
    expect(acknowledged.length).toBeGreaterThan(24);
    for (const userId of acknowledged)
      expect(await opened.store.members.findRef(userId), userId).toBeDefined();
    const sqlite = new BetterSqlite(opened.path);
    expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
    sqlite.close();
  });

  test('a database of a newer version, and one that is none, are refused', async () => {
    await using opened = await openTemporary();
    await opened.close();
    const sqlite = new BetterSqlite(opened.path);
    sqlite
      .prepare('insert into kysely_migration (name, timestamp) values (?, ?)')
      .run('9999-later', 'x');
    sqlite.close();
    const again = { path: opened.path, masterKey: undefined, clock: Date.now };
    await expect(openStore(again)).rejects.toMatchObject({ kind: 'newer' });
    await writeFile(opened.path, 'this is no database, however long one makes it '.repeat(100));
    await rm(`${opened.path}-wal`, { force: true });
    await expect(openStore(again)).rejects.toMatchObject({ kind: 'corrupt' });
  });
});

describe('the master key', () => {
  test('a key file beside a new database is adopted', async () => {
    await using opened = await openTemporary();
    await opened.close();
    const key = await readFile(join(dirname(opened.path), 'master.key'), 'utf8');
    await rm(opened.path);
    await opened.reopen();
    expect(await readFile(join(dirname(opened.path), 'master.key'), 'utf8')).toBe(key);
  });

  test('while nothing is encrypted a lost key is made anew; after that it is missed', async () => {
    await using opened = await openTemporary();
    const file = join(dirname(opened.path), 'master.key');
    await opened.close();
    await rm(file);
    await opened.reopen();
    await opened.addVoice('1', 'Ada');
    await opened.close();
    await rm(file);
    const again = { path: opened.path, masterKey: undefined, clock: Date.now };
    await expect(openStore(again)).rejects.toMatchObject({ kind: 'key-missing' });
    expect(await readdir(dirname(opened.path))).not.toContain('master.key');
    await writeFile(file, Buffer.alloc(32, 1).toString('base64'));
    await chmod(file, 0o600);
    await expect(openStore(again)).rejects.toMatchObject({ kind: 'key-mismatch' });
  });
});

describe('voices', () => {
  test('recordings and handles cannot be read from the files, nor moved to another voice', async () => {
    await using opened = await openTemporary();
    const sample = Buffer.from('MARKER-OF-A-SAMPLE'.repeat(50));
    const ada = await opened.addVoice('1', 'Ada', sample, 'vv_markerofahandle');
    const eve = await opened.addVoice('2', 'Eve', sample);
    expect(await opened.store.voices.readSample(ada)).toEqual(sample);
    expect(await bytesOnDisk(opened.path)).not.toMatch(/MARKER-OF-A-SAMPLE|vv_markerofahandle/);
    await opened.close();
    const sqlite = new BetterSqlite(opened.path);
    sqlite
      .prepare(
        'update sample set bytes = (select bytes from sample where voice = ?) where voice = ?',
      )
      .run(ada, eve);
    sqlite.close();
    await opened.reopen();
    await expect(opened.store.voices.readSample(eve)).rejects.toThrow();
  });

  test('forgetting a member leaves no byte of theirs, and nobody else is touched', async () => {
    await using opened = await openTemporary();
    await opened.addVoice('111222333444555', 'MARKER-OF-A-NAME', Buffer.from('x'.repeat(5000)));
    await opened.addVoice('2', 'Eve');
    expect(await bytesOnDisk(opened.path)).toContain('MARKER-OF-A-NAME');
    await opened.store.forgetMember('111222333444555');
    expect(await bytesOnDisk(opened.path)).not.toMatch(/MARKER-OF-A-NAME|111222333444555/);
    const eve = await opened.store.members.findRef('2');
    expect(await opened.store.voices.list(eve ?? '')).toHaveLength(1);
  });

  test('the first is the default, and after it the oldest that is left', async () => {
    await using opened = await openTemporary();
    const ids = [];
    for (const name of ['One', 'Two', 'Three']) ids.push(await opened.addVoice('1', name));
    const owner = (await opened.store.members.findRef('1')) ?? '';
    const defaults = async () =>
      (await opened.store.voices.list(owner))
        .filter(({ isDefault }) => isDefault)
        .map(({ name }) => name);
    expect(await defaults()).toEqual(['One']);
    await opened.store.voices.delete(ids[0] ?? '');
    expect(await defaults()).toEqual(['Two']);
    await opened.store.voices.setDefault(ids[2] ?? '');
    expect(await defaults()).toEqual(['Three']);
  });

  test('two voices of a member cannot share a name, however it is written', async () => {
    await using opened = await openTemporary();
    await opened.addVoice('1', 'Ada');
    await expect(opened.addVoice('1', 'ＡＤＡ')).rejects.toThrow(/UNIQUE/);
  });
});

describe('the ledger', () => {
  test('of two hundred reservations at once just as many pass as the cap allows', async () => {
    await using opened = await openTemporary();
    const cap = { sum: 'microUsd', since: 0, max: 1000 } as const;
    const reserve = (index: number) =>
      opened.store.ledger.reserve(
        { id: String(index), guildId: '1', member: 'm', characters: 1, microUsd: 150, at: 1 },
        [cap],
      );
    const reached = await Promise.all(Array.from({ length: 200 }, (_, index) => reserve(index)));
    expect(reached.filter((one) => one === undefined)).toHaveLength(6);
    expect(await opened.store.ledger.usage(0)).toMatchObject({ lines: 6, microUsd: 900 });
  });

  test('what a crash left reserved is spent, what was released is not', async () => {
    await using opened = await openTemporary();
    const entry = { guildId: '1', member: 'm', characters: 1, microUsd: 100, at: 1 };
    await opened.store.ledger.reserve({ ...entry, id: 'crashed' }, []);
    await opened.store.ledger.reserve({ ...entry, id: 'released' }, []);
    await opened.store.ledger.release('released');
    await opened.reopen();
    await opened.store.ledger.release('crashed');
    expect(await opened.store.ledger.usage(0)).toMatchObject({ microUsd: 100 });
  });
});

test('the audit cannot be changed or shortened, except by age', async () => {
  let now = Date.now();
  await using opened = await openTemporary({ clock: () => now });
  await opened.store.audit.write({ guildId: '1', member: 'm', kind: 'off', detail: '' });
  const sqlite = new BetterSqlite(opened.path);
  expect(() => sqlite.exec("update audit set detail = 'x'")).toThrow(/append-only/);
  expect(() => sqlite.exec('delete from audit')).toThrow(/append-only/);
  sqlite.close();
  now -= 200 * 86_400_000;
  await opened.store.audit.write({ guildId: '1', member: 'old', kind: 'off', detail: '' });
  now = Date.now();
  await opened.store.audit.prune();
  expect(await opened.store.audit.count('old', 'off', 0)).toMatchObject({ times: 0 });
  expect(await opened.store.audit.count('m', 'off', 0)).toMatchObject({ times: 1 });
});

const FIXTURE = new URL('./writer-fixture.ts', import.meta.url).pathname;

async function bytesOnDisk(path: string): Promise<string> {
  const folder = dirname(path);
  const files = await readdir(folder);
  const bytes = await Promise.all(files.map((file) => readFile(join(folder, file))));
  return Buffer.concat(bytes).toString('latin1');
}
