import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pino from 'pino';
import { expect, test } from 'vitest';
import { MINUTE_MS } from '../../src/domain/time.ts';
import { openStore } from '../../src/store/store.ts';
import { type OpenedStore, openTemporary } from './open.ts';

const SOUND = Buffer.from('MARKER-OF-A-SOUND'.repeat(10));
const recipe = 'MARKER-OF-A-TEXT';
/** A sound of the member '1', who is known to the store. */
const keyOf = async ({ store }: OpenedStore, voice?: string, name = recipe) => {
  return { member: await store.members.refOf('1'), voice, recipe: name };
};
const folderOf = (path: string) => join(dirname(path), 'cache');

test('a sound comes back for the same recipe in the same voice, also after a restart', async () => {
  await using opened = await openTemporary({ cacheBytes: 10_000 });
  const [ada, eve] = [await opened.addVoice('1', 'Ada'), await opened.addVoice('2', 'Eve')];
  for (const voice of [ada, undefined]) {
    expect(await opened.store.sounds.read(await keyOf(opened, voice))).toBeUndefined();
    await opened.store.sounds.write(await keyOf(opened, voice), SOUND);
    await opened.reopen();
    expect(await opened.store.sounds.read(await keyOf(opened, voice))).toEqual(SOUND);
  }
  expect(await opened.store.sounds.read(await keyOf(opened, eve))).toBeUndefined();
  expect(await opened.store.sounds.read(await keyOf(opened, ada, 'another'))).toBeUndefined();
});

test('neither sound nor text can be read from the disk, and what is damaged is made anew', async () => {
  await using opened = await openTemporary({ cacheBytes: 10_000 });
  const { sounds } = opened.store;
  await sounds.write(await keyOf(opened), SOUND);
  const [file = ''] = await readdir(folderOf(opened.path));
  const path = join(folderOf(opened.path), file);
  const bytes = await readFile(path);
  expect(file + bytes.toString('latin1')).not.toMatch(/MARKER/);
  await writeFile(path, bytes.fill(0, 20, 21));
  expect(await sounds.read(await keyOf(opened))).toBeUndefined();
  expect(await readdir(folderOf(opened.path))).toEqual([]);
});

test('it goes with its voice: deleted, replaced or forgotten', async () => {
  await using opened = await openTemporary({ cacheBytes: 10_000 });
  const { store } = opened;
  const files = () => readdir(folderOf(opened.path));
  const speak = async (userId: string, name: string) => {
    const voice = await opened.addVoice(userId, name);
    const member = await store.members.refOf(userId);
    await store.sounds.write({ member, voice, recipe }, SOUND);
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
  await store.sounds.write(await keyOf(opened, gone), SOUND);
  expect(await files()).toEqual([]);
});

test('what a member had said in a stock voice goes with the member', async () => {
  await using opened = await openTemporary({ cacheBytes: 10_000 });
  const { store } = opened;
  await store.sounds.write(await keyOf(opened), SOUND);
  const other = { ...(await keyOf(opened)), member: await store.members.refOf('2') };
  expect(await store.sounds.read(other)).toBeUndefined();
  await store.forgetMember('1');
  expect(await readdir(folderOf(opened.path))).toEqual([]);
});

test('only what is ours is swept, and all of it once nothing may be kept', async () => {
  await using opened = await openTemporary({ cacheBytes: 10_000 });
  const folder = folderOf(opened.path);
  await opened.store.sounds.write(await keyOf(opened), SOUND);
  await mkdir(join(folder, 'apt'));
  await writeFile(join(folder, 'mine.txt'), 'not yours');
  await writeFile(join(folder, 'a'.repeat(64)), 'left over by a crash');
  await opened.reopen();
  expect(await readdir(folder)).toHaveLength(3);
  await opened.close();
  const again = await openStore({
    path: opened.path,
    masterKey: undefined,
    clock: Date.now,
    log: pino({ level: 'silent' }),
  });
  await again[Symbol.asyncDispose]();
  expect((await readdir(folder)).toSorted()).toEqual(['apt', 'mine.txt']);
});

test('the least recently used goes first, also within minutes; zero keeps nothing', async () => {
  const time = { now: 1_700_000_000_000 };
  await using opened = await openTemporary({ cacheBytes: 400, clock: () => time.now });
  const { sounds } = opened.store;
  const has = async (name: string) =>
    (await sounds.read(await keyOf(opened, undefined, name))) !== undefined;
  for (const name of ['a', 'b']) {
    await sounds.write(await keyOf(opened, undefined, name), SOUND);
    time.now += 2 * MINUTE_MS;
  }
  expect(await has('a')).toBe(true);
  time.now += 1;
  await sounds.write(await keyOf(opened, undefined, 'c'), SOUND);
  expect([await has('a'), await has('b'), await has('c')]).toEqual([true, false, true]);
  expect(await readdir(folderOf(opened.path))).toHaveLength(2);
  await using none = await openTemporary();
  await none.store.sounds.write(await keyOf(none), SOUND);
  expect(await none.store.sounds.read(await keyOf(none))).toBeUndefined();
});
