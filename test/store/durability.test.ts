import { spawn } from 'node:child_process';
import { once } from 'node:events';
import BetterSqlite from 'better-sqlite3';
import pino from 'pino';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { openTemporary } from './open.ts';

const WRITER = new URL('./writer-fixture.ts', import.meta.url).pathname;
const ROUNDS = 24;

test('kill -9 gives the lock back', async () => {
  await using opened = await openTemporary();
  await opened.close();
  const again = {
    path: opened.path,
    masterKey: undefined,
    clock: Date.now,
    log: pino({ level: 'silent' }),
  };
  const writer = startWriter(opened.path, 'a');
  await once(writer.stdout, 'data');
  await expect(openStore(again)).rejects.toMatchObject({ kind: 'locked' });
  writer.kill('SIGKILL');
  await once(writer, 'close');
  await (await openStore(again))[Symbol.asyncDispose]();
});

test('kill -9 loses no row that was acknowledged', { timeout: 60_000 }, async () => {
  await using opened = await openTemporary();
  await opened.close();
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const writer = startWriter(opened.path, `${round}:`);
    let told = '';
    writer.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      if (told.length > 20 + round * 20) writer.kill('SIGKILL');
    });
    await once(writer, 'close');
    acknowledged.push(...told.split('\n').slice(0, -1));
  }
  await opened.reopen();
  expect(acknowledged.length).toBeGreaterThan(2 * ROUNDS);
  for (const userId of acknowledged)
    expect(await opened.store.members.findRef(userId), userId).toBeDefined();
  const sqlite = new BetterSqlite(opened.path);
  expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
  sqlite.close();
});

function startWriter(path: string, prefix: string) {
  return spawn(process.execPath, [WRITER, path, prefix], { stdio: ['ignore', 'pipe', 'inherit'] });
}
