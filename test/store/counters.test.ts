import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HOUR_MS } from '../../src/domain/time.ts';
import { openTemporary } from './open.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

test('what is counted goes with its period, also where nothing more is counted', async () => {
  let now = Date.now();
  await using opened = await openTemporary({ clock: () => now });
  const sqlite = new BetterSqlite(opened.path);
  const names = () => sqlite.prepare('select name from counter').pluck().all();
  const open = (name: string) => opened.store.counters.open({ name, until: now + HOUR_MS });

  await open('over within the hour');
  await open('extended');
  now += HOUR_MS / 2;
  await open('extended');
  now += HOUR_MS / 2;
  vi.advanceTimersByTime(HOUR_MS);
  await expect.poll(names).toEqual(['extended']);

  await opened.close();
  now += HOUR_MS;
  await opened.reopen();
  expect(names()).toEqual([]);
  sqlite.close();
});
