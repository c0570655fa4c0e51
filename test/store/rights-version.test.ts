import BetterSqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { type OpenedStore, openTemporary } from './open.ts';

const GUILD = '1';
const RULE = { what: 'speak', rule: 'deny', subject: 'role', subjectId: '7' } as const;

test.each<readonly [string, (store: Store, voice: string) => Promise<unknown>]>([
  ['speaking is switched off', ({ guilds }) => guilds.setOff(GUILD, true)],
  ['a rule is set', ({ guilds }) => guilds.setRule(GUILD, { ...RULE, subjectId: '8' })],
  ['a rule is changed', ({ guilds }) => guilds.setRule(GUILD, { ...RULE, rule: 'allow' })],
  ['a rule is cleared', ({ guilds }) => guilds.clearRules(GUILD, 'speak', RULE)],
  [
    'a member is blocked',
    ({ blocks }) => blocks.put(GUILD, '9', { reason: 'x', until: undefined, by: undefined }),
  ],
  [
    'a block is changed',
    ({ blocks }) => blocks.put(GUILD, '5', { reason: 'x', until: undefined, by: undefined }),
  ],
  ['a voice is deleted', ({ voices }, voice) => voices.delete(voice)],
  ['a member is forgotten', (store) => store.forgetMember('ada')],
])('it is another one once %s', async (_, change) => {
  await using opened = await prepared();
  const before = opened.store.rightsVersion();
  await change(opened.store, opened.voice);
  expect(opened.store.rightsVersion()).not.toBe(before);
});

test('it stays the same while lines are spoken', async () => {
  await using opened = await prepared();
  const { store, voice } = opened;
  const before = store.rightsVersion();
  await store.voices.touch(voice, { lastUsedAt: 1, expiresAt: 2 });
  await store.members.refOf('bea');
  await store.guilds.read(GUILD);
  await store.sessions.put(GUILD, '2');
  expect(store.rightsVersion()).toBe(before);
});

test('it is another one also where another process writes', async () => {
  await using opened = await prepared();
  const before = opened.store.rightsVersion();
  const other = new BetterSqlite(opened.path);
  other.exec(`update guild set is_off = 1`);
  other.close();
  expect(opened.store.rightsVersion()).not.toBe(before);
});

async function prepared(): Promise<OpenedStore & { readonly voice: string }> {
  const opened = await openTemporary();
  const voice = await opened.addVoice('ada', 'Ada');
  await opened.store.guilds.read(GUILD);
  await opened.store.guilds.setRule(GUILD, RULE);
  await opened.store.blocks.put(GUILD, '5', { reason: undefined, until: undefined, by: undefined });
  return Object.assign(opened, { voice });
}
