import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/domain/errors.ts';
import { fromUsd } from '../../src/domain/money.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import type { Upload } from '../../src/guilds/clone-money.ts';
import { NOON, openSetting, type Setting } from './setting.ts';

const TERMS = {
  containers: ['wav'],
  minSeconds: 5,
  retention: 'from-upload',
  retentionMs: 7 * DAY_MS,
  microUsd: undefined,
} as const;

let last = 0;
/** A clone of somebody else each time. */
function cloneIn(guildId: string | undefined, rest: Partial<Upload> = {}): Upload {
  last += 1;
  const clone = { kind: 'clone', guildId, userId: `${last}`, member: 'm' } as const;
  return { ...clone, voice: 'v', terms: TERMS, ...rest } as Upload;
}

const RENEWAL: Upload = { kind: 'renewal', name: 'Me', member: 'm', voice: 'v', terms: TERMS };

async function refusalOf({ guilds }: Setting, upload: Upload) {
  try {
    await guilds.cloneMoney.reserve(upload);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.problem;
    throw error;
  }
}

async function made(setting: Setting, times: number, guildId?: string): Promise<number> {
  const refusals = await Promise.all(
    Array.from({ length: times }, () => refusalOf(setting, cloneIn(guildId))),
  );
  return refusals.filter((problem) => problem === undefined).length;
}

describe('while nobody names a price', () => {
  test('three in the first day of a server, then ten a day, and twenty-five in all', async () => {
    await using setting = await openSetting();
    expect(await made(setting, 5, '100')).toBe(3);
    expect(await refusalOf(setting, cloneIn('100'))).toEqual({
      code: 'E_CLONES',
      whose: 'server',
      max: 3,
      until: NOON + DAY_MS,
    });
    for (const guildId of ['101', '102']) await setting.guilds.policies.read(guildId);
    setting.time.now = NOON + DAY_MS;
    expect(await made(setting, 12, '100')).toBe(10);
    expect(await made(setting, 12, '101')).toBe(10);
    expect(await made(setting, 12, '102')).toBe(5);
    expect(await refusalOf(setting, cloneIn('102'))).toMatchObject({ whose: 'bot' });
    expect(await setting.guilds.money.usage('day', '100')).toMatchObject({
      microUsd: 0,
      uploads: { clones: 10, renewals: 0, unpriced: 10 },
    });
  });

  test('a server that is trusted is bound with all others together', async () => {
    await using setting = await openSetting();
    setting.trusted.add('100');
    expect(await made(setting, 30, '100')).toBe(25);
  });

  test('in direct messages ten a day, of all members together', async () => {
    await using setting = await openSetting();
    expect(await made(setting, 12)).toBe(10);
    expect(await refusalOf(setting, cloneIn(undefined))).toMatchObject({ whose: 'messages' });
  });

  test('where nothing may be spent, nothing is cloned', async () => {
    await using setting = await openSetting({ perDay: 0 });
    expect(await refusalOf(setting, cloneIn('100'))).toMatchObject({ code: 'E_CLONES' });
    expect(await refusalOf(setting, RENEWAL)).toMatchObject({ code: 'E_RENEWAL_BUDGET' });
  });
});

describe('with a price', () => {
  test('they take half of the day of the bot, nothing of the server’s, and lines the rest', async () => {
    await using setting = await openSetting({ perDay: 8, clone: 2 });
    expect(await made(setting, 5, '100')).toBe(2);
    expect(await refusalOf(setting, cloneIn('100'))).toMatchObject({
      code: 'E_CLONES',
      whose: 'bot',
      neverFits: false,
    });
    const line = { guildId: '100', userId: '7', member: 'm', characters: 1 };
    await setting.guilds.money.reserve({ ...line, id: 'l', microUsd: fromUsd(0.5) });
    expect((await setting.guilds.money.usage('day', '100')).microUsd).toBe(fromUsd(0.5));
    setting.time.now = NOON + DAY_MS;
    expect(await made(setting, 5, '100')).toBe(2);
  });

  test('the catalogue’s comes before the operator’s', async () => {
    await using setting = await openSetting({ perDay: 8, clone: 2 });
    const terms = { ...TERMS, microUsd: fromUsd(5) };
    expect(await refusalOf(setting, cloneIn('100', { terms }))).toMatchObject({ neverFits: true });
  });

  test('renewals come first: what voices in use need today is kept from new clones', async () => {
    await using setting = await openSetting({ perDay: 8, clone: 2 });
    await setting.opened.addVoice('1', 'Due', Buffer.from('sample'));
    expect(await made(setting, 3, '100')).toBe(1);
    expect(await refusalOf(setting, RENEWAL)).toBeUndefined();
    expect(await refusalOf(setting, RENEWAL)).toMatchObject({ code: 'E_RENEWAL_BUDGET' });
    // Nobody has used it for so long that it is hardly renewed today.
    setting.time.now = NOON + 15 * DAY_MS;
    expect(await made(setting, 3, '100')).toBe(2);
  });
});

test('five clones of a member a day, also beyond the deletion of their reference', async () => {
  await using setting = await openSetting({ clone: 0 });
  for (let clone = 0; clone < 5; clone += 1) {
    const mine = cloneIn('100', { userId: '7', member: `reference ${clone}` } as Partial<Upload>);
    expect(await refusalOf(setting, mine)).toBeUndefined();
  }
  const sixth = cloneIn('100', { userId: '7' } as Partial<Upload>);
  const refusal = { code: 'E_RATE', what: 'clones', until: NOON + DAY_MS / 2 };
  expect(await refusalOf(setting, sixth)).toEqual(refusal);
  expect(await refusalOf(setting, { ...sixth, userId: '8' } as Upload)).toBeUndefined();
});

describe('a voice', () => {
  test.each([
    ['that nobody names', {}],
    ['of ten cents', { clone: 0.1 }],
  ])('is renewed twice a day at a price %s, other voices beside it', async (_, usd) => {
    await using setting = await openSetting(usd);
    for (let renewal = 0; renewal < 2; renewal += 1)
      expect(await refusalOf(setting, RENEWAL)).toBeUndefined();
    expect(await refusalOf(setting, RENEWAL)).toEqual({
      code: 'E_RENEWAL_BUDGET',
      whose: 'voice',
      name: 'Me',
      until: NOON + DAY_MS / 2,
    });
    expect(await refusalOf(setting, { ...RENEWAL, voice: 'other' })).toBeUndefined();
    setting.time.now = NOON + DAY_MS;
    expect(await refusalOf(setting, RENEWAL)).toBeUndefined();
  });

  test('is renewed as often as it takes where that is free', async () => {
    await using setting = await openSetting({ clone: 0 });
    for (let renewal = 0; renewal < 3; renewal += 1)
      expect(await refusalOf(setting, RENEWAL)).toBeUndefined();
  });
});

test('what was released is not counted, what a crash left is', async () => {
  await using setting = await openSetting({ perDay: 4, clone: 2 });
  await (await setting.guilds.cloneMoney.reserve(cloneIn('100'))).release();
  await setting.guilds.cloneMoney.reserve(cloneIn('100'));
  await setting.reopen();
  expect(await refusalOf(setting, cloneIn('100'))).toMatchObject({ code: 'E_CLONES' });
});
