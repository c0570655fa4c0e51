import { describe, expect, test } from 'vitest';
import { createBreaker } from '../../src/venice/breaker.ts';
import type { VeniceError } from '../../src/venice/errors.ts';
import {
  answer,
  connect,
  cut,
  failure,
  forever,
  hang,
  LINE,
  readAll,
  sound,
  startProvider,
} from './provider.ts';

const signal = forever();

describe('breaker', () => {
  test('opens at the twelfth failure within thirty seconds, for thirty seconds', () => {
    const { breaker, fail, tick } = start();
    fail(11);
    expect(breaker.state()).toBe('closed');
    tick(29_000);
    fail(1);
    expect(breaker.state()).toBe('open');
    expect(breaker.check).toThrow(
      expect.objectContaining({ kind: 'breaker-open', retryAt: 59_000 }),
    );
    tick(30_000);
    expect(breaker.state()).toBe('half-open');
  });

  test('forgets failures that are older', () => {
    const { breaker, fail, tick } = start();
    fail(11);
    tick(30_001);
    fail(11);
    expect(breaker.state()).toBe('closed');
  });

  test('lets one call out after the pause, whose success closes it', () => {
    const { breaker, fail, tick } = start();
    fail(12);
    tick(30_000);
    const end = breaker.enter();
    expect(breaker.enter).toThrow(expect.objectContaining({ kind: 'breaker-open' }));
    end('succeeded');
    expect(breaker.state()).toBe('closed');
    fail(11);
    expect(breaker.state()).toBe('closed');
  });

  test('opens again when that call fails', () => {
    const { breaker, tick, fail } = start();
    fail(12);
    tick(30_000);
    breaker.enter()('failed');
    expect(breaker.state()).toBe('open');
  });

  test('lets another call out when that one was aborted', () => {
    const { breaker, tick, fail } = start();
    fail(12);
    tick(30_000);
    breaker.enter()('abandoned');
    expect(breaker.enter).not.toThrow();
  });

  test('does not close for a call that went out before it opened', () => {
    const { breaker, fail } = start();
    const end = breaker.enter();
    fail(12);
    end('succeeded');
    expect(breaker.state()).toBe('open');
  });

  test('has no room for more calls than may still fail', () => {
    const { breaker, fail, tick } = start();
    fail(2);
    expect(breaker.hasRoomFor(10)).toBe(true);
    expect(breaker.hasRoomFor(11)).toBe(false);
    // The failures are old by then.
    tick(30_001);
    expect(breaker.hasRoomFor(12)).toBe(true);
    fail(12);
    expect(breaker.hasRoomFor(13)).toBe(true);
  });

  test('does not stay open for days when the clock is set back', () => {
    const { breaker, fail, tick } = start();
    fail(12);
    tick(-8 * 86_400_000);
    expect(breaker.enter).not.toThrow();
  });
});

describe('too many failures', () => {
  test('of a model stop its calls at once, and one good call afterwards lets all through', async () => {
    let now = Date.now();
    const replies = [cut('some'), ...Array.from({ length: 11 }, () => answer(400)), sound()];
    await using provider = await startProvider(...replies);
    await using venice = connect(provider, { clock: () => now });
    await failure(readAll((await venice.speak(LINE, { signal })).chunks));
    for (let call = 0; call < 11; call += 1) {
      now += 1_200;
      await failure(venice.speak(LINE, { signal }));
    }
    expect(venice.status().paused).toEqual([LINE.model]);
    const error = await failure(venice.speak(LINE, { signal }));
    expect(error).toMatchObject({ kind: 'breaker-open', isSpent: false, retryAt: now + 30_000 });
    expect(provider.seen).toHaveLength(12);
    now += 30_000;
    await readAll((await venice.speak(LINE, { signal })).chunks);
    expect(venice.status().paused).toEqual([]);
  });

  test('cannot come of calls that leave together, however many the key is allowed', async () => {
    let now = Date.now();
    const allowed = sound({ 'x-ratelimit-limit-requests': '600' });
    await using provider = await startProvider(allowed, answer(422));
    await using venice = connect(provider, { clock: () => now });
    await readAll((await venice.speak(LINE, { signal })).chunks);
    now += 60_000;
    expect(venice.requestsLeft(LINE.model)).toBe(100);
    const calls = Array.from({ length: 40 }, () => failure(venice.speak(LINE, { signal })));
    await Promise.all(calls);
    expect(provider.seen).toHaveLength(1 + 12);
  });

  test('a balance that is used up is noticed also by those who wait', async () => {
    let now = Date.now();
    const allowed = sound({ 'x-ratelimit-limit-requests': '600' });
    await using provider = await startProvider(allowed, answer(402));
    await using venice = connect(provider, { clock: () => now });
    await readAll((await venice.speak(LINE, { signal })).chunks);
    now += 60_000;
    const calls = Array.from({ length: 40 }, () => failure(venice.speak(LINE, { signal })));
    const errors = await Promise.all(calls);
    expect(errors.every((error) => (error as VeniceError).kind === 'no-balance')).toBe(true);
    expect(provider.seen.length).toBeLessThanOrEqual(1 + 12);
  });

  test('aborted calls are none', async () => {
    await using provider = await startProvider(hang);
    await using venice = connect(provider, { timing: { firstByteMs: 5_000 } });
    for (let call = 1; call <= 13; call += 1) {
      const controller = new AbortController();
      const models = failure(venice.readModels({ signal: controller.signal }));
      await provider.until(call);
      controller.abort();
      await models;
    }
    expect(venice.status().paused).toEqual([]);
  });
});

function start() {
  let now = 0;
  const breaker = createBreaker(() => now, 12);
  return {
    breaker,
    tick: (ms: number) => {
      now += ms;
    },
    fail: (times: number) => {
      for (let time = 0; time < times; time += 1) breaker.enter()('failed');
    },
  };
}
