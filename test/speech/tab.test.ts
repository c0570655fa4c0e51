import { expect, test } from 'vitest';
import { fromUsd } from '../../src/domain/money.ts';
import { openTab } from '../../src/speech/tab.ts';
import { openSetting, type Setting } from '../guilds/setting.ts';

/** A dollar a thousand characters. */
const PAID = { price: fromUsd(1_000), isFree: false };
const line = (id: string) => ({
  id,
  guildId: undefined,
  userId: '7',
  member: 'm',
  characters: 100,
});
const used = ({ guilds }: Setting) => guilds.money.usage('day');

test('a whole line is reserved, what was not asked for comes back, once', async () => {
  await using setting = await openSetting();
  const tab = await openTab(setting.guilds.money, line('a'), PAID);
  expect(await used(setting)).toMatchObject({ lines: 1, characters: 100, microUsd: fromUsd(0.1) });
  await tab.till(30).charge();
  const failed = tab.till(20);
  await failed.charge();
  failed.giveBack();
  await tab.close();
  await tab.close();
  expect(await used(setting)).toMatchObject({ lines: 1, characters: 30, microUsd: fromUsd(0.03) });
});

test('a line that was never asked for costs nothing and counts as none', async () => {
  await using setting = await openSetting();
  const tab = await openTab(setting.guilds.money, line('a'), PAID);
  await tab.close();
  expect(await used(setting)).toMatchObject({ lines: 0, characters: 0, microUsd: 0 });
});

test('what is asked for twice costs twice, and is one line of so many characters', async () => {
  await using setting = await openSetting();
  const tab = await openTab(setting.guilds.money, line('a'), PAID);
  for (const till of [tab.till(60), tab.till(40), tab.till(40)]) await till.charge();
  expect(await used(setting)).toMatchObject({ lines: 1, characters: 100, microUsd: fromUsd(0.14) });
  await tab.close();
  expect(await used(setting)).toMatchObject({ lines: 1, characters: 100, microUsd: fromUsd(0.14) });
});

test('a repeat that the budget has no room for is not made', async () => {
  await using setting = await openSetting({ perDay: 0.12 });
  const tab = await openTab(setting.guilds.money, line('a'), PAID);
  await tab.till(100).charge();
  await expect(tab.till(50).charge()).rejects.toThrow('E_BUDGET');
  await tab.till(20).charge();
  await tab.close();
  expect(await used(setting)).toMatchObject({ lines: 1, characters: 100, microUsd: fromUsd(0.12) });
});

test('a line that is free reserves nothing, and all of itself once it has to be asked for', async () => {
  await using setting = await openSetting({ perDay: 0.1 });
  const tab = await openTab(setting.guilds.money, line('a'), { ...PAID, isFree: true });
  expect((await used(setting)).microUsd).toBe(0);
  await Promise.all([tab.till(30).charge(), tab.till(20).charge()]);
  expect(await used(setting)).toMatchObject({ lines: 1, characters: 100, microUsd: fromUsd(0.1) });
  await tab.close();
  expect(await used(setting)).toMatchObject({ lines: 1, characters: 50, microUsd: fromUsd(0.05) });
  const poor = await openTab(setting.guilds.money, line('b'), { ...PAID, isFree: true });
  await expect(poor.till(30).charge()).rejects.toThrow('E_BUDGET');
});

test('what is still being reserved when the line is over is settled too', async () => {
  await using setting = await openSetting();
  const tab = await openTab(setting.guilds.money, line('a'), PAID);
  await tab.till(100).charge();
  const repeating = tab.till(50).charge();
  await Promise.all([tab.close(), repeating]);
  expect((await used(setting)).microUsd).toBe(fromUsd(0.15));
  await expect(tab.till(1).charge()).rejects.toThrow('over');
});

test('what is lost without an answer costs as one, until an answer comes', async () => {
  await using setting = await openSetting();
  const tab = await openTab(setting.guilds.money, line('a'), PAID);
  const till = tab.till(40);
  const cost = async () => (await used(setting)).microUsd;
  for (let lost = 0; lost < 3; lost += 1) await till.charge();
  expect(await cost()).toBe(fromUsd(0.1));
  // Nothing was made of this one, but who knows of those before.
  await till.charge();
  till.answered();
  till.giveBack();
  await till.charge();
  till.answered();
  await till.charge();
  till.answered();
  await till.charge();
  till.giveBack();
  await tab.close();
  expect(await cost()).toBe(fromUsd(0.08));
});
