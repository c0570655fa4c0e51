import { describe, expect, test } from 'vitest';
import { openSetting } from './setting.ts';

describe('takeLine', () => {
  test('ten at once, the eleventh is told when; other members and servers are not touched', async () => {
    await using setting = await openSetting();
    const { limits } = setting.guilds;
    const ada = { userId: '1', guildId: '100' };
    for (let line = 0; line < 10; line += 1) await limits.takeLine(ada);
    const refusal = await limits.takeLine(ada).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ problem: { code: 'E_RATE', what: 'lines' } });
    const { until } = Reflect.get(Object(refusal), 'problem') as { until: number };
    // The next of twenty a minute.
    expect(until - setting.time.now).toBeGreaterThan(0);
    expect(until - setting.time.now).toBeLessThanOrEqual(3000);
    await limits.takeLine({ ...ada, userId: '2' });
    await limits.takeLine({ ...ada, guildId: '101' });
    await limits.takeLine({ ...ada, guildId: undefined });
  });
});

describe('a slow rate', () => {
  test('lets no more come at once than it allows in a minute', async () => {
    await using setting = await openSetting();
    const { limits, policies } = setting.guilds;
    await policies.patch('100', { linesPerMinute: 3 });
    const ada = { userId: '1', guildId: '100' };
    for (let line = 0; line < 3; line += 1) await limits.takeLine(ada);
    await expect(limits.takeLine(ada)).rejects.toThrow('E_RATE');
  });
});

describe('takePost', () => {
  test('one at a time, and then only when the pause since the last is over', async () => {
    await using setting = await openSetting();
    const { limits } = setting.guilds;
    const post = { userId: '7', channelId: '9', pauseMs: 60_000 };
    const turn = await limits.takePost(post);
    await expect(limits.takePost(post)).rejects.toThrow('E_RATE');
    await limits.takePost({ ...post, channelId: '8' });
    await limits.takePost({ ...post, userId: '8' });
    turn[Symbol.dispose]();
    const again = await limits.takePost(post);
    await limits.countPost(post);
    again[Symbol.dispose]();
    setting.time.now += 59_999;
    await expect(limits.takePost(post)).rejects.toThrow('E_RATE');
    setting.time.now += 1;
    await limits.takePost(post);
  });
});
