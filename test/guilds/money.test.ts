import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/domain/errors.ts';
import { fromUsd } from '../../src/domain/money.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import type { Charge } from '../../src/guilds/money.ts';
import { NOON, openSetting, type Setting } from './setting.ts';

const MIDNIGHT = NOON + DAY_MS / 2;
const NEXT_MONTH = Date.UTC(2026, 6, 1);

let lastId = 0;
function chargeOf(usd: number, rest: Partial<Charge> = {}): Charge {
  lastId += 1;
  const microUsd = fromUsd(usd);
  return {
    id: `u${lastId}`,
    guildId: '100',
    userId: '7',
    member: 'm',
    characters: 1,
    microUsd,
    ...rest,
  };
}

/** A server whose first day is over. */
async function settled(setting: Setting, guildId = '100'): Promise<void> {
  const now = setting.time.now;
  setting.time.now = now - 10 * DAY_MS;
  await setting.guilds.policies.read(guildId);
  setting.time.now = now;
}

async function refusalOf(setting: Setting, charge: Charge) {
  try {
    await setting.guilds.money.reserve(charge);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.problem;
    throw error;
  }
}

describe('reserve', () => {
  test('of two hundred at once exactly one passes where one is left', async () => {
    await using setting = await openSetting({ perDay: 1 });
    await settled(setting);
    await setting.guilds.money.reserve(chargeOf(0.99));
    const refusals = await Promise.all(
      Array.from({ length: 200 }, () => refusalOf(setting, chargeOf(0.01))),
    );
    expect(refusals.filter((problem) => problem === undefined)).toHaveLength(1);
    expect((await setting.guilds.money.usage('day')).microUsd).toBe(fromUsd(1));
  });

  test("the bot's day and month end at midnight and with the month", async () => {
    await using setting = await openSetting({ perDay: 1, perMonth: 1.5 });
    await settled(setting);
    await setting.guilds.money.reserve(chargeOf(1));
    expect(await refusalOf(setting, chargeOf(0.01))).toEqual({
      code: 'E_BUDGET',
      whose: 'bot',
      period: 'day',
      isZero: false,
      until: MIDNIGHT,
      neverFits: false,
    });
    setting.time.now = MIDNIGHT;
    await setting.guilds.money.reserve(chargeOf(0.5));
    expect(await refusalOf(setting, chargeOf(0.01))).toEqual({
      code: 'E_BUDGET',
      whose: 'bot',
      period: 'month',
      isZero: false,
      until: NEXT_MONTH,
      neverFits: false,
    });
    setting.time.now = NEXT_MONTH;
    expect(await refusalOf(setting, chargeOf(1))).toBeUndefined();
  });

  test('what is more than all of it is told to never fit', async () => {
    await using setting = await openSetting({ perDay: 1 });
    await settled(setting);
    await setting.guilds.policies.patch('100', { charactersPerDay: 100 });
    expect(await refusalOf(setting, chargeOf(1.1))).toMatchObject({ neverFits: true });
    const long = chargeOf(0, { characters: 101 });
    expect(await refusalOf(setting, long)).toMatchObject({ code: 'E_CHARACTERS', neverFits: true });
  });

  test('a budget of zero refuses what costs, not what is free', async () => {
    await using setting = await openSetting({ perDay: 0 });
    expect(await refusalOf(setting, chargeOf(0.000001))).toMatchObject({ code: 'E_BUDGET' });
    expect(await refusalOf(setting, chargeOf(0))).toBeUndefined();
  });

  test('no admin lifts what the operator gives: a dollar a day, half of it on the first', async () => {
    await using setting = await openSetting();
    const { policies, money } = setting.guilds;
    await policies.patch('100', { budgetPerDay: fromUsd(5) });
    await money.reserve(chargeOf(0.5));
    const until = setting.time.now + DAY_MS;
    expect(await refusalOf(setting, chargeOf(0.01))).toMatchObject({
      whose: 'operator',
      max: fromUsd(0.5),
      until,
    });
    setting.time.now = until;
    await money.reserve(chargeOf(1));
    const over = { whose: 'operator', max: fromUsd(1) };
    expect(await refusalOf(setting, chargeOf(0.01))).toMatchObject(over);
    await policies.patch('100', { budgetPerDay: fromUsd(0.2) });
    expect(await refusalOf(setting, chargeOf(0.01))).toMatchObject({ whose: 'server' });
  });

  test('a server the operator trusts is bound by the whole bot alone', async () => {
    await using setting = await openSetting({ perDay: 3 });
    setting.trusted.add('100');
    await setting.guilds.money.reserve(chargeOf(2.5));
    expect(await refusalOf(setting, chargeOf(0.6))).toMatchObject({ whose: 'bot' });
    await setting.guilds.policies.patch('100', { budgetPerDay: fromUsd(2) });
    expect(await refusalOf(setting, chargeOf(0.1))).toMatchObject({ whose: 'server' });
  });

  test('a new server has half a dollar until its first day is over', async () => {
    await using setting = await openSetting();
    await setting.guilds.money.reserve(chargeOf(0.5));
    const until = setting.time.now + DAY_MS;
    expect(await refusalOf(setting, chargeOf(0.01))).toEqual({
      code: 'E_BUDGET',
      whose: 'operator',
      period: 'day',
      max: fromUsd(0.5),
      until,
      neverFits: false,
    });
    // The day of the calendar turns, that of the server does not.
    setting.time.now = MIDNIGHT;
    expect(await refusalOf(setting, chargeOf(0.01))).toMatchObject({ whose: 'operator' });
    expect(await refusalOf(setting, chargeOf(0.01, { guildId: '101' }))).toBeUndefined();
    setting.time.now = until;
    expect(await refusalOf(setting, chargeOf(0.6))).toBeUndefined();
  });

  test('a server’s own budgets bind it alone', async () => {
    await using setting = await openSetting();
    await settled(setting);
    await settled(setting, '101');
    await setting.guilds.policies.patch('100', {
      budgetPerDay: fromUsd(0.2),
      budgetPerMonth: fromUsd(0.3),
    });
    await setting.guilds.money.reserve(chargeOf(0.2));
    expect(await refusalOf(setting, chargeOf(0.01))).toMatchObject({ period: 'day' });
    expect(await refusalOf(setting, chargeOf(0.2, { guildId: '101' }))).toBeUndefined();
    setting.time.now = MIDNIGHT;
    expect(await refusalOf(setting, chargeOf(0.11))).toMatchObject({
      whose: 'server',
      period: 'month',
      until: NEXT_MONTH,
      neverFits: false,
    });
  });

  test('characters a day: a member’s, then the whole server’s', async () => {
    await using setting = await openSetting();
    await settled(setting);
    await setting.guilds.policies.patch('100', {
      charactersPerDay: 100,
      serverCharactersPerDay: 150,
    });
    await setting.guilds.money.reserve(chargeOf(0, { characters: 100 }));
    expect(await refusalOf(setting, chargeOf(0))).toEqual({
      code: 'E_CHARACTERS',
      whose: 'member',
      max: 100,
      until: MIDNIGHT,
      neverFits: false,
    });
    const other = { userId: '8', member: 'other' };
    expect(await refusalOf(setting, chargeOf(0, { ...other, characters: 50 }))).toBeUndefined();
    expect(await refusalOf(setting, chargeOf(0, other))).toMatchObject({
      whose: 'server',
      max: 150,
    });
    setting.time.now = MIDNIGHT;
    expect(await refusalOf(setting, chargeOf(0))).toBeUndefined();
  });

  test('in direct messages a member has the usual characters of a day', async () => {
    await using setting = await openSetting();
    const inPrivate = { guildId: undefined };
    await setting.guilds.money.reserve(chargeOf(0.1, { ...inPrivate, characters: 10_000 }));
    expect(await refusalOf(setting, chargeOf(0, inPrivate))).toMatchObject({
      code: 'E_CHARACTERS',
      whose: 'member',
    });
    expect(await refusalOf(setting, chargeOf(0, { ...inPrivate, userId: '8' }))).toBe(undefined);
  });
});

describe('a reservation', () => {
  test('that is released gives back its money and characters, once', async () => {
    await using setting = await openSetting({ perDay: 1 });
    const { money } = setting.guilds;
    await settled(setting);
    const reservation = await money.reserve(chargeOf(1, { characters: 9000 }));
    await reservation.release();
    expect(await money.usage('day')).toMatchObject({ lines: 0, characters: 0, microUsd: 0 });
    await money.reserve(chargeOf(1, { characters: 9000 }));
    await reservation.release();
    expect((await money.usage('day')).microUsd).toBe(fromUsd(1));
  });

  test('that is settled with less keeps no more than that, and cannot be released', async () => {
    await using setting = await openSetting();
    const reservation = await setting.guilds.money.reserve(chargeOf(0.1));
    await reservation.settle({ microUsd: fromUsd(0.04), characters: 1 });
    await reservation.release();
    expect((await setting.guilds.money.usage('day')).microUsd).toBe(fromUsd(0.04));
  });

  test('that a crash left behind counts as spent', async () => {
    await using setting = await openSetting({ perDay: 0.1 });
    await setting.guilds.money.reserve(chargeOf(0.1));
    await setting.reopen();
    expect(await refusalOf(setting, chargeOf(0.01))).toMatchObject({ code: 'E_BUDGET' });
  });
});

test('usage tells today, the last seven days and this month apart, and servers too', async () => {
  await using setting = await openSetting();
  const { money } = setting.guilds;
  for (const day of [1, 10, 15]) {
    setting.time.now = Date.UTC(2026, 5, day, 12);
    await money.reserve(chargeOf(0.01, { guildId: '100', characters: 5 }));
  }
  await money.reserve(chargeOf(0.01, { guildId: '101' }));
  const lines = async (period: 'day' | 'week' | 'month', guildId?: string) =>
    (await money.usage(period, guildId)).lines;
  expect([await lines('day'), await lines('week'), await lines('month')]).toEqual([2, 3, 4]);
  expect([await lines('day', '100'), await lines('month', '100')]).toEqual([1, 3]);
  expect(await money.usage('week', '100')).toMatchObject({
    lines: 2,
    characters: 10,
    microUsd: fromUsd(0.02),
  });
});
