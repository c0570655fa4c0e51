import BetterSqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { bytesOnDisk } from './bytes-on-disk.ts';
import { type OpenedStore, openTemporary } from './open.ts';

describe('create', () => {
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

  test('without a consent of the owner there is no voice', async () => {
    await using opened = await openTemporary();
    const ada = await opened.addVoice('1', 'Ada');
    const eve = await opened.store.members.refOf('2');
    const voice = await opened.newVoice('1', 'Second');
    await expect(opened.store.voices.create({ ...voice, owner: eve })).rejects.toThrow(
      'E_CONSENT_NEEDED',
    );
    await opened.store.forgetMember('1');
    await expect(opened.store.voices.create(voice)).rejects.toThrow('E_CONSENT_NEEDED');
    expect(await opened.store.voices.find(ada)).toBeUndefined();
  });

  test('two voices of a member cannot share a name, however it is written', async () => {
    await using opened = await openTemporary();
    await opened.addVoice('1', 'Ada');
    const eve = await opened.addVoice('1', 'Eve');
    await expect(opened.addVoice('1', 'ＡＤＡ')).rejects.toThrow('E_NAME_TAKEN');
    await expect(opened.store.voices.rename(eve, ' ada ')).rejects.toThrow('E_NAME_TAKEN');
    await opened.addVoice('2', 'Ada');
  });

  test('a voice that replaces another takes its name and place, or leaves it as it was', async () => {
    await using opened = await openTemporary();
    const { voices } = opened.store;
    const first = await opened.addVoice('1', 'Ada', Buffer.from('old'), 'vv_old');
    await opened.addVoice('1', 'Eve');
    const voice = await opened.newVoice('1', 'Ada');
    await expect(voices.create({ ...voice, name: 'Eve', replaces: first })).rejects.toThrow(
      'E_NAME_TAKEN',
    );
    expect(await voices.readHandle(first)).toMatchObject({ id: 'vv_old' });
    const second = await voices.create({ ...voice, replaces: first });
    expect(second).toMatchObject({ name: 'Ada', isDefault: true });
    expect(await voices.find(first)).toBeUndefined();
  });

  test("another member's voice cannot be replaced", async () => {
    await using opened = await openTemporary();
    const ada = await opened.addVoice('1', 'Ada');
    const voice = await opened.newVoice('2', 'Eve');
    await opened.store.voices.create({ ...voice, replaces: ada });
    expect(await opened.store.voices.find(ada)).toBeDefined();
  });
});

describe('the default voice', () => {
  test('is the first, and after it the oldest that is left', async () => {
    let now = 0;
    await using opened = await openTemporary({
      clock() {
        now += 1;
        return now;
      },
    });
    const ids = [];
    for (const name of ['One', 'Two', 'Three']) ids.push(await opened.addVoice('1', name));
    expect(await defaultsOf(opened, '1')).toEqual(['One']);
    await opened.store.voices.delete(ids[0] ?? '');
    expect(await defaultsOf(opened, '1')).toEqual(['Two']);
    await opened.store.voices.setDefault(ids[2] ?? '');
    expect(await defaultsOf(opened, '1')).toEqual(['Three']);
  });

  test("is each member's own", async () => {
    await using opened = await openTemporary();
    await opened.addVoice('1', 'Ada');
    const eve = await opened.addVoice('2', 'Eve');
    await opened.store.voices.setDefault(eve);
    expect(await defaultsOf(opened, '1')).toEqual(['Ada']);
  });
});

describe('handles', () => {
  test('survive a restart, and are replaced', async () => {
    await using opened = await openTemporary();
    const ada = await opened.addVoice('1', 'Ada', Buffer.from('kept'), 'vv_first');
    await opened.reopen();
    const { voices } = opened.store;
    expect(await voices.readHandle(ada)).toMatchObject({ id: 'vv_first' });
    await voices.replaceHandle(ada, { id: 'vv_second', expiresAt: 99 });
    expect(await voices.readHandle(ada)).toEqual({ id: 'vv_second', expiresAt: 99 });
  });

  test('one that arrives for a voice that is gone is let go', async () => {
    await using opened = await openTemporary();
    const ada = await opened.addVoice('1', 'Ada');
    await opened.store.voices.delete(ada);
    await opened.store.voices.replaceHandle(ada, { id: 'vv_late', expiresAt: 99 });
    expect(await opened.store.voices.readHandle(ada)).toBeUndefined();
  });

  test('use moves the end only of those that live from use', async () => {
    await using opened = await openTemporary();
    const { voices } = opened.store;
    const ada = await opened.addVoice('1', 'Ada');
    const before = await voices.find(ada);
    await voices.touch(ada, { lastUsedAt: 5, expiresAt: undefined });
    expect(await voices.find(ada)).toMatchObject({
      lastUsedAt: 5,
      expiresAt: before?.expiresAt,
    });
    await voices.touch(ada, { lastUsedAt: 6, expiresAt: 7 });
    expect(await voices.find(ada)).toMatchObject({ lastUsedAt: 6, expiresAt: 7 });
  });
});

async function defaultsOf({ store }: OpenedStore, userId: string): Promise<string[]> {
  const voices = await store.voices.list((await store.members.findRef(userId)) ?? '');
  return voices.filter(({ isDefault }) => isDefault).map(({ name }) => name);
}
