import { expect, test } from 'vitest';
import { fromUsd } from '../../src/domain/money.ts';
import { DAY_MS } from '../../src/domain/time.ts';
import { boundsUnder } from '../../src/guilds/policy.ts';
import { NOON, openSetting } from './setting.ts';

const AGREED = {
  isOff: false,
  textMax: 600,
  linesPerMinute: 20,
  charactersPerDay: 10_000,
  serverCharactersPerDay: 40_000,
  waiting: 5,
  serverWaiting: 20,
  budgetPerDay: undefined,
  budgetPerMonth: undefined,
};

test('read: a server that set nothing has the agreed limits, and its first day from first sight', async () => {
  await using setting = await openSetting();
  const { policies } = setting.guilds;
  const trial = { until: NOON + DAY_MS, budget: fromUsd(0.5) };
  expect(await policies.read('100')).toEqual({ ...AGREED, givenPerDay: fromUsd(1), trial });
  setting.time.now += 5 * DAY_MS;
  await setting.reopen();
  expect((await setting.guilds.policies.read('100')).trial).toEqual(trial);
});

test('patch: changes what is named, keeps the rest, and undefined is the default again', async () => {
  await using setting = await openSetting();
  const { policies } = setting.guilds;
  await policies.patch('100', { textMax: 4000, budgetPerDay: 0 });
  expect(await policies.patch('100', { waiting: 9 })).toMatchObject({
    ...AGREED,
    textMax: 4000,
    waiting: 9,
    budgetPerDay: 0,
  });
  expect(await policies.patch('100', { textMax: undefined })).toMatchObject({ textMax: 600 });
  expect(await policies.patch('100', {})).toMatchObject({ waiting: 9 });
  expect(await policies.read('101')).toMatchObject(AGREED);
});

test('the agreed limits lie within what an admin may set', async () => {
  await using setting = await openSetting();
  const policy = await setting.guilds.policies.read('100');
  for (const [name, { range }] of Object.entries(boundsUnder(fromUsd(1)))) {
    const [least, most] = range;
    const value: unknown = Reflect.get(policy, name);
    if (value === undefined) continue;
    expect(value, name).toBeGreaterThanOrEqual(least);
    expect(value, name).toBeLessThanOrEqual(most);
  }
});
