import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { VeniceError } from '../../src/venice/errors.ts';
import { createLimiter, type Limiter } from '../../src/venice/limiter.ts';
import { failure, forever } from './provider.ts';

const START = Date.UTC(2030, 0, 1);
const signal = forever();
const out = () => undefined;

describe('limiter', () => {
  beforeEach(() => vi.useFakeTimers({ now: START }));
  afterEach(() => void vi.useRealTimers());

  test('lets ten out at once, then fifty a minute', async () => {
    const grants = await drive(createLimiter(Date.now), { everyMs: 200, forMs: 180_000 });
    expect(grants.filter((at) => at < 200)).toHaveLength(1);
    expect(grants).toHaveLength(10 + 150);
    expect(grants[9]).toBeLessThan(2_000);
  });

  test.each([60, 120, 20, 6, 5, 3, 1])(
    'never lets more than %i out in any minute, however hard it is pressed',
    async (perMinute) => {
      const limiter = createLimiter(Date.now);
      limiter.allow(perMinute);
      const grants = await drive(limiter, { everyMs: 100, forMs: 300_000, bursts: 25 });
      const most = Math.max(
        ...grants.map((from) => grants.filter((at) => at >= from && at < from + 60_000).length),
      );
      expect(most).toBeLessThanOrEqual(perMinute);
      expect(grants.length).toBeGreaterThanOrEqual(Math.floor(perMinute * 4));
    },
  );

  test('serves the first comer first', async () => {
    const limiter = createLimiter(Date.now);
    await take(limiter, 10);
    const order: number[] = [];
    const all = [0, 1, 2].map(async (name) => {
      await limiter.take(out, { signal });
      order.push(name);
    });
    await vi.advanceTimersByTimeAsync(3_600);
    await Promise.all(all);
    expect(order).toEqual([0, 1, 2]);
  });

  test('whoever aborts leaves the queue at once, and the next moves up', async () => {
    const limiter = createLimiter(Date.now);
    await take(limiter, 10);
    const controller = new AbortController();
    const first = failure(limiter.take(out, controller));
    const second = limiter.take(out, { signal });
    controller.abort('gone');
    expect(await first).toBe('gone');
    await vi.advanceTimersByTimeAsync(1_200);
    await second;
    expect(vi.getTimerCount()).toBe(0);
  });

  test('an abort after its turn takes no other’s place', async () => {
    const limiter = createLimiter(Date.now);
    await take(limiter, 9);
    const controller = new AbortController();
    const last = limiter.take(out, controller);
    const waiting = limiter.take(out, { signal });
    controller.abort('late');
    await last;
    await vi.advanceTimersByTimeAsync(1_200);
    await waiting;
  });

  test('says when, instead of having anybody wait for more than twenty seconds', async () => {
    const limiter = createLimiter(Date.now);
    await take(limiter, 10);
    const waiting = Array.from({ length: 16 }, () => limiter.take(out, { signal }));
    const error = await failure(limiter.take(out, { signal }));
    expect(error).toBeInstanceOf(VeniceError);
    expect(error).toMatchObject({ kind: 'rate-limited', isSpent: false, retryAt: START + 20_400 });
    await vi.advanceTimersByTimeAsync(19_200);
    await Promise.all(waiting);
  });

  test('follows an answer down, and blocks until the reset when nothing is left', async () => {
    const limiter = createLimiter(Date.now);
    limiter.follow({ perMinute: 60, left: 3, resetAt: START + 30_000 });
    expect(limiter.left()).toBe(3);
    limiter.follow({ perMinute: 60, left: 0, resetAt: START + 5_000 });
    expect(limiter.left()).toBe(0);
    const waiting = limiter.take(out, { signal }).then(() => Date.now());
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await waiting).toBe(START + 5_000);
  });

  test('takes nothing from a window that is over, or from an answer that does not say', () => {
    const limiter = createLimiter(Date.now);
    limiter.follow({ perMinute: undefined, left: 0, resetAt: START - 1 });
    limiter.follow({ perMinute: undefined, left: 0, resetAt: undefined });
    expect(limiter.left()).toBe(10);
  });

  test('follows up, for those who already wait too', async () => {
    const limiter = createLimiter(Date.now);
    await take(limiter, 10);
    const waiting = limiter.take(out, { signal }).then(() => Date.now());
    limiter.allow(600);
    await vi.advanceTimersByTimeAsync(200);
    expect(await waiting).toBeLessThanOrEqual(START + 120);
  });

  test('nothing leaves while there is no room, and then no more than there is', async () => {
    let room = 0;
    const left: number[] = [];
    const limiter = createLimiter(Date.now, () => room > 0);
    for (const name of [0, 1, 2])
      void limiter.take(
        () => {
          room -= 1;
          left.push(name);
        },
        { signal },
      );
    expect(left).toEqual([]);
    room = 2;
    limiter.look();
    expect(left).toEqual([0, 1]);
    // Without being told, too: failures grow old.
    room = 1;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(left).toEqual([0, 1, 2]);
  });

  test('what is refused when its turn has come uses up nothing', async () => {
    const limiter = createLimiter(Date.now);
    const refuse = () => {
      throw new Error('no');
    };
    await expect(limiter.take(refuse, { signal })).rejects.toThrow('no');
    expect(limiter.left()).toBe(10);
  });

  test('a clock that is set back does not make anybody wait for days', async () => {
    const limiter = createLimiter(Date.now);
    limiter.blockUntil(START + 10_000);
    vi.setSystemTime(START - 8 * 86_400_000);
    await limiter.take(out, { signal });
  });
});

async function take(limiter: Limiter, calls: number): Promise<void> {
  for (let call = 0; call < calls; call += 1) await limiter.take(out, { signal });
}

/** Presses the limiter for a time, in one go or steadily; tells when calls went out. */
async function drive(
  limiter: Limiter,
  { everyMs, forMs, bursts = 1 }: { everyMs: number; forMs: number; bursts?: number },
): Promise<readonly number[]> {
  const grants: number[] = [];
  const controller = new AbortController();
  const pressing: Promise<void>[] = [];
  for (let at = 0; at < forMs; at += everyMs) {
    for (let call = 0; call < bursts; call += 1)
      pressing.push(
        limiter.take(out, controller).then(
          () => void grants.push(Date.now() - START),
          () => undefined,
        ),
      );
    await vi.advanceTimersByTimeAsync(everyMs);
  }
  controller.abort();
  await Promise.all(pressing);
  return grants;
}
