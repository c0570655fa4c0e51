import BetterSqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/time.ts';
import { openTemporary } from './open.ts';

const entry = { guildId: '1', member: 'm', kind: 'off', detail: '' } as const;

describe('the audit', () => {
  test('cannot be changed or shortened from outside', async () => {
    await using opened = await openTemporary();
    await opened.store.audit.write(entry);
    const sqlite = new BetterSqlite(opened.path);
    expect(() => sqlite.exec("update audit set detail = 'x'")).toThrow(/append-only/);
    expect(() => sqlite.exec('delete from audit')).toThrow(/append-only/);
    sqlite.close();
  });

  test('loses only what is older than 180 days, on writing and on opening', async () => {
    let now = Date.now() - 200 * DAY_MS;
    await using opened = await openTemporary({ clock: () => now });
    await opened.store.audit.write({ ...entry, member: 'old' });
    await opened.close();
    const sqlite = new BetterSqlite(opened.path);
    const members = () => sqlite.prepare('select member from audit order by id').pluck().all();
    expect(members()).toEqual(['old']);
    now = Date.now();
    await opened.reopen();
    expect(members()).toEqual([]);
    now -= 200 * DAY_MS;
    await opened.store.audit.write({ ...entry, member: 'old' });
    now = Date.now();
    await opened.store.audit.write({ ...entry, member: 'new' });
    expect(members()).toEqual(['new']);
    sqlite.close();
  });

  test('a start within the second in which an entry grows too old goes well', async () => {
    let now = Date.now();
    await using opened = await openTemporary({ clock: () => now });
    for (let ms = -1500; ms <= 1500; ms += 50) {
      now = Date.now() - 180 * DAY_MS + ms;
      await opened.store.audit.write(entry);
    }
    now = Date.now();
    await opened.reopen();
    await opened.store.audit.prune();
  });
});
