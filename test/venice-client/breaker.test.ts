import { describe, expect, test } from 'vitest';
import { createBreaker } from '../../src/venice/breaker.ts';
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
  test('opens at the twelfth failure within thirty seconds, for thirty seconds', async () => {
    const { breaker, fail, tick } = start();
    await fail(11);
    expect(breaker.state()).toBe('closed');
    tick(29_000);
    await fail(1);
    expect(breaker.state()).toBe('open');
    expect(breaker.check).toThrow(
      expect.objectContaining({ kind: 'breaker-open', retryAt: 59_000 }),
    );
    tick(30_000);
    expect(breaker.state()).toBe('half-open');
  });

  test('forgets failures that are older', async () => {
    const { breaker, fail, tick } = start();
    await fail(11);
    tick(30_001);
    await fail(11);
    expect(breaker.state()).toBe('closed');
  });

  test('lets one call out after the pause, whose success closes it', async () => {
    const { breaker, enter, fail, tick } = start();
    await fail(12);
    tick(30_000);
    const end = await enter();
    await expect(enter()).rejects.toThrow(expect.objectContaining({ kind: 'breaker-open' }));
    end('succeeded');
    expect(breaker.state()).toBe('closed');
    await fail(11);
    expect(breaker.state()).toBe('closed');
  });

  test('opens again when that call fails', async () => {
    const { breaker, enter, fail, tick } = start();
    await fail(12);
    tick(30_000);
    (await enter())('failed');
    expect(breaker.state()).toBe('open');
  });

  test('lets another call out when that one was aborted', async () => {
    const { enter, fail, tick } = start();
    await fail(12);
    tick(30_000);
    (await enter())('abandoned');
    await expect(enter()).resolves.toBeDefined();
  });

  test('does not close for a call that went out before it opened', async () => {
    const { breaker, enter } = start();
    const bodies = await Promise.all(Array.from({ length: 12 }, enter));
    for (const end of bodies) end('succeeded');
    const end = await enter();
    for (const broke of bodies) broke('failed');
    expect(breaker.state()).toBe('open');
    end('succeeded');
    expect(breaker.state()).toBe('open');
  });

  test('lets no more calls out than may fail', async () => {
    const { breaker, enter, fail } = start();
    await fail(2);
    const out = await Promise.all(Array.from({ length: 10 }, enter));
    const waiting = [enter(), enter(), enter()];
    out[0]?.('failed');
    out[1]?.('succeeded');
    const last = await Promise.race(waiting);
    for (const end of [...out.slice(2), last]) end('failed');
    expect(breaker.state()).toBe('open');
    const ends = await Promise.allSettled(waiting);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  test('whoever gives up while there is no room is not let out', async () => {
    const { breaker, enter } = start();
    const out = await Promise.all(Array.from({ length: 12 }, enter));
    const controller = new AbortController();
    const waiting = breaker.enter(controller);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    out[0]?.('succeeded');
    expect(await enter()).toBeDefined();
  });

  test('does not stay open for days when the clock is set back', async () => {
    const { enter, fail, tick } = start();
    await fail(12);
    tick(-8 * 86_400_000);
    await expect(enter()).resolves.toBeDefined();
  });
});

describe('too many failures', () => {
  test('of any kind stop every call at once, and one good call afterwards lets all through', async () => {
    let now = Date.now();
    const replies = [cut('some'), ...Array.from({ length: 11 }, () => answer(400)), sound()];
    await using provider = await startProvider(...replies);
    await using venice = connect(provider, { clock: () => now });
    await failure(readAll((await venice.speak(LINE, { signal })).chunks));
    for (let call = 0; call < 11; call += 1) {
      now += 1_200;
      await failure(venice.speak(LINE, { signal }));
    }
    expect(venice.status()).toMatchObject({ breaker: 'open', isPaused: true });
    const error = await failure(venice.speak(LINE, { signal }));
    expect(error).toMatchObject({ kind: 'breaker-open', isSpent: false, retryAt: now + 30_000 });
    expect(await failure(venice.readModels({ signal }))).toMatchObject({ kind: 'breaker-open' });
    expect(provider.seen).toHaveLength(12);
    now += 30_000;
    await readAll((await venice.speak(LINE, { signal })).chunks);
    expect(venice.status()).toMatchObject({ breaker: 'closed', isPaused: false });
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
    expect(venice.status().breaker).toBe('closed');
  });
});

function start() {
  let now = 0;
  const breaker = createBreaker(() => now);
  const enter = () => breaker.enter({ signal });
  return {
    breaker,
    enter,
    tick: (ms: number) => {
      now += ms;
    },
    fail: async (times: number) => {
      for (let time = 0; time < times; time += 1) (await enter())('failed');
    },
  };
}
