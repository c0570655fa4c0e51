import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { HOUR_MS } from '../../src/domain/time.ts';
import { openTemporary } from './open.ts';

const SOUND = Buffer.from('MARKER-OF-A-SOUND'.repeat(10));
const recipe = 'MARKER-OF-A-TEXT';
const folderOf = (path: string) => join(dirname(path), 'cache');

test('a sound comes back for the same recipe in the same voice, also after a restart', async () => {
  await using opened = await openTemporary({ cacheBytes: 10_000 });
  const [ada, eve] = [await opened.addVoice('1', 'Ada'), await opened.addVoice('2', 'Eve')];
  for (const voice of [ada, undefined]) {
    expect(await opened.store.sounds.read({ voice, recipe })).toBeUndefined();
    await opened.store.sounds.write({ voice, recipe }, SOUND);
    await opened.reopen();
    expect(await opened.store.sounds.read({ voice, recipe })).toEqual(SOUND);
  }
  expect(await opened.store.sounds.read({ voice: eve, recipe })).toBeUndefined();
  expect(await opened.store.sounds.read({ voice: ada, recipe: 'another' })).toBeUndefined();
});

test('neither sound nor text can be read from the disk, and what is damaged is made anew', async () => {
  await using opened = await openTemporary({ cacheBytes: 10_000 });
  const { sounds } = opened.store;
  await sounds.write({ voice: undefined, recipe }, SOUND);
  const [file = ''] = await readdir(folderOf(opened.path));
  const path = join(folderOf(opened.path), file);
  const bytes = await readFile(path);
  expect(file + bytes.toString('latin1')).not.toMatch(/MARKER/);
  await writeFile(path, bytes.fill(0, 20, 21));
  expect(await sounds.read({ voice: undefined, recipe })).toBeUndefined();
  expect(await readdir(folderOf(opened.path))).toEqual([]);
});

test('it goes with its voice: deleted, replaced or forgotten', async () => {
  await using opened = await openTemporary({ cacheBytes: 10_000 });
  const { store } = opened;
  const files = () => readdir(folderOf(opened.path));
  const speak = async (userId: string, name: string) => {
    const voice = await opened.addVoice(userId, name);
    await store.sounds.write({ voice, recipe }, SOUND);
    expect(await files()).toHaveLength(1);
    return voice;
  };
  await store.voices.delete(await speak('1', 'Ada'));
  expect(await files()).toEqual([]);
  const replaces = await speak('1', 'Ada');
  await store.voices.create({ ...(await opened.newVoice('1', 'Ada')), replaces });
  expect(await files()).toEqual([]);
  const gone = await speak('2', 'Eve');
  await store.forgetMember('2');
  expect(await files()).toEqual([]);
  // A line of theirs that was still being spoken ends later.
  await store.sounds.write({ voice: gone, recipe }, SOUND);
  expect(await files()).toEqual([]);
});

test('the least recently used goes first; zero keeps nothing', async () => {
  const time = { now: 1_700_000_000_000 };
  await using opened = await openTemporary({ cacheBytes: 400, clock: () => time.now });
  const { sounds } = opened.store;
  const has = async (name: string) =>
    (await sounds.read({ voice: undefined, recipe: name })) !== undefined;
  for (const name of ['a', 'b']) {
    await sounds.write({ voice: undefined, recipe: name }, SOUND);
    time.now += 2 * HOUR_MS;
  }
  expect(await has('a')).toBe(true);
  time.now += 1;
  await sounds.write({ voice: undefined, recipe: 'c' }, SOUND);
  expect([await has('a'), await has('b'), await has('c')]).toEqual([true, false, true]);
  expect(await readdir(folderOf(opened.path))).toHaveLength(2);
  await using none = await openTemporary();
  await none.store.sounds.write({ voice: undefined, recipe }, SOUND);
  expect(await none.store.sounds.read({ voice: undefined, recipe })).toBeUndefined();
});
