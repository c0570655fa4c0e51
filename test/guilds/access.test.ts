import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS } from '../../src/domain/time.ts';
import type { Actor } from '../../src/guilds/access.ts';
import { isAdmin } from '../../src/guilds/access.ts';
import type { AccessRule } from '../../src/store/guilds.ts';
import { NOON, openSetting, type Setting } from './setting.ts';

const GUILD = '100';
const ROLE = '200';
const CHANNEL = '300';
const ADMINISTRATOR = 1n << 3n;
const MANAGE_GUILD = 1n << 5n;
const MODERATE_MEMBERS = 1n << 40n;

const ada: Actor = {
  userId: '1',
  guildId: GUILD,
  places: [CHANNEL],
  roleIds: [],
  permissions: 0n,
};
const singer: Actor = { ...ada, roleIds: [ROLE] };

let setting: Setting;
beforeEach(async () => {
  setting = await openSetting();
});
afterEach(() => setting[Symbol.asyncDispose]());

const rule = (
  what: AccessRule['what'],
  decision: AccessRule['rule'],
  subject: AccessRule['subject'],
  subjectId: string,
) => setting.opened.store.guilds.setRule(GUILD, { what, rule: decision, subject, subjectId });

/** The code of the refusal and its reason; undefined when it is allowed. */
async function refusalOf(actor: Actor, what: 'speak' | 'clone' = 'speak') {
  try {
    await setting.guilds.access.authorize(what, actor);
    return undefined;
  } catch (error) {
    return Reflect.get(Object(error), 'problem') as { code: string; why?: string };
  }
}

describe('authorize', () => {
  test('without rules everybody may', async () => {
    expect(await refusalOf(ada)).toBeUndefined();
    expect(await refusalOf(ada, 'clone')).toBeUndefined();
  });

  test('once a role is allowed one of those is needed, for that thing alone, in that server alone', async () => {
    await rule('speak', 'allow', 'role', ROLE);
    expect(await refusalOf(ada)).toEqual({
      code: 'E_NOT_ALLOWED',
      why: 'role',
      what: 'speak',
      guildId: GUILD,
      allowed: [ROLE],
      denied: [],
    });
    expect(await refusalOf(singer)).toBeUndefined();
    expect(await refusalOf(ada, 'clone')).toBeUndefined();
    expect(await refusalOf({ ...ada, guildId: '101' })).toBeUndefined();
  });

  test('a deny beats an allow', async () => {
    await rule('speak', 'allow', 'role', ROLE);
    await rule('speak', 'deny', 'role', '201');
    expect(await refusalOf({ ...ada, roleIds: [ROLE, '201'] })).toMatchObject({
      why: 'role',
      allowed: [ROLE],
      denied: ['201'],
    });
  });

  test('a later rule for the same subject takes the place of the earlier one', async () => {
    await rule('speak', 'deny', 'role', ROLE);
    await rule('speak', 'allow', 'role', ROLE);
    expect(await refusalOf(singer)).toBeUndefined();
  });

  test('the rules of a channel hold in its threads, and name what is allowed', async () => {
    const inThread = { ...ada, places: ['301', CHANNEL] };
    await rule('speak', 'deny', 'channel', CHANNEL);
    expect(await refusalOf(ada)).toMatchObject({ why: 'channel', allowed: [], denied: [CHANNEL] });
    expect(await refusalOf(inThread)).toMatchObject({ why: 'channel' });
    expect(await refusalOf({ ...ada, places: ['302'] })).toBeUndefined();
    await rule('speak', 'allow', 'channel', CHANNEL);
    expect(await refusalOf(inThread)).toBeUndefined();
    expect(await refusalOf({ ...ada, places: ['302'] })).toMatchObject({
      why: 'channel',
      allowed: [CHANNEL],
    });
  });

  test("an old server's first channel and its everyone role, which share an id, keep apart", async () => {
    await rule('speak', 'allow', 'role', GUILD);
    await rule('speak', 'deny', 'channel', GUILD);
    const everyone = { ...ada, roleIds: [GUILD] };
    expect(await refusalOf(everyone)).toBeUndefined();
    expect(await refusalOf({ ...everyone, places: [GUILD] })).toMatchObject({ why: 'channel' });
    const { guilds } = setting.opened.store;
    await guilds.clearRules(GUILD, 'speak', { subject: 'role', subjectId: GUILD });
    expect(await guilds.rules(GUILD)).toMatchObject([{ subject: 'channel' }]);
  });

  test('a server that is off lets nobody speak', async () => {
    await setting.opened.store.guilds.setOff(GUILD, true);
    expect(await refusalOf({ ...ada, permissions: ADMINISTRATOR })).toEqual({ code: 'E_OFF' });
    await setting.opened.store.guilds.setOff(GUILD, false);
    expect(await refusalOf(ada)).toBeUndefined();
  });

  test('a blocked member may do nothing there, until the block is over', async () => {
    const { blocks } = setting.opened.store;
    await blocks.put(GUILD, ada.userId, {
      reason: 'loud',
      until: setting.time.now + DAY_MS,
      by: undefined,
    });
    for (const what of ['speak', 'clone'] as const)
      expect(await refusalOf(ada, what)).toEqual({
        code: 'E_NOT_ALLOWED',
        why: 'blocked',
        until: NOON + DAY_MS,
      });
    expect(await refusalOf({ ...ada, guildId: '101' })).toBeUndefined();
    setting.time.now += DAY_MS;
    expect(await refusalOf(ada)).toBeUndefined();
    await blocks.put(GUILD, ada.userId, { reason: undefined, until: undefined, by: undefined });
    setting.time.now += 1000 * DAY_MS;
    expect(await refusalOf(ada)).toMatchObject({ why: 'blocked' });
    expect(await blocks.remove(GUILD, ada.userId)).toBe(true);
    expect(await blocks.remove(GUILD, ada.userId)).toBe(false);
    expect(await refusalOf(ada)).toBeUndefined();
  });
});

describe('findObjection', () => {
  test('follows a block, the switch and the rules at once', async () => {
    const { access } = setting.guilds;
    const { blocks, guilds } = setting.opened.store;
    expect(await access.findObjection('speak', ada)).toBeUndefined();
    await blocks.put(GUILD, ada.userId, { reason: undefined, until: undefined, by: undefined });
    expect(await access.findObjection('speak', ada)).toEqual({ why: 'blocked', until: undefined });
    await blocks.remove(GUILD, ada.userId);
    await guilds.setOff(GUILD, true);
    expect(await access.findObjection('speak', ada)).toEqual({ why: 'off' });
    await guilds.setOff(GUILD, false);
    await rule('speak', 'deny', 'channel', CHANNEL);
    expect(await access.findObjection('speak', ada)).toMatchObject({ why: 'channel' });
    await guilds.clearRules(GUILD, 'speak');
    expect(await access.findObjection('speak', ada)).toBeUndefined();
  });
});

describe('isModerator', () => {
  test.for([
    ['nobody in particular', 0n, false],
    ['who can time members out', MODERATE_MEMBERS, true],
    ['who manages the server', MANAGE_GUILD, true],
    ['an administrator', ADMINISTRATOR, true],
  ] as const)('%s', async ([, permissions, expected]) => {
    expect(await setting.guilds.access.isModerator({ ...ada, permissions })).toBe(expected);
  });

  test('a role can be named for it, or kept from it, whoever manages the server excepted', async () => {
    const { access } = setting.guilds;
    await rule('moderate', 'allow', 'role', ROLE);
    expect(await access.isModerator(singer)).toBe(true);
    expect(await access.isModerator(ada)).toBe(false);
    await rule('moderate', 'deny', 'role', '201');
    const denied = { ...ada, roleIds: [ROLE, '201'], permissions: MODERATE_MEMBERS };
    expect(await access.isModerator(denied)).toBe(false);
    expect(await access.isModerator({ ...denied, permissions: MANAGE_GUILD })).toBe(true);
  });

  test('a moderator who is blocked is none, or they would lift the block; an admin stays one', async () => {
    const { access } = setting.guilds;
    const mod = { ...ada, permissions: MODERATE_MEMBERS };
    await setting.opened.store.blocks.put(GUILD, ada.userId, {
      reason: undefined,
      until: undefined,
      by: undefined,
    });
    expect(await access.isModerator(mod)).toBe(false);
    expect(await access.isModerator({ ...mod, permissions: MANAGE_GUILD })).toBe(true);
  });
});

test('isAdmin: Manage Server or Administrator, not the right to time members out', () => {
  expect(isAdmin(MANAGE_GUILD)).toBe(true);
  expect(isAdmin(ADMINISTRATOR)).toBe(true);
  expect(isAdmin(MODERATE_MEMBERS)).toBe(false);
});
