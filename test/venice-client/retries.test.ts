import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Till } from '../../src/venice/till.ts';
import {
  answer,
  connect,
  cut,
  failure,
  forever,
  hang,
  hangUp,
  LINE,
  type Reply,
  readAll,
  resetIn,
  SOUND,
  sound,
  stall,
  startMute,
  startProvider,
} from './provider.ts';

const signal = forever();

describe('a call is made again', () => {
  test.each([
    ['answers 500, then 503', [answer(500), answer(503), sound()]],
    ['hangs up', [hangUp, hangUp, sound()]],
    ['cuts the connection before the first sound', [cut(), sound()]],
  ])('when the provider %s', async (_, replies) => {
    await using provider = await startProvider(...replies);
    await using venice = connect(provider);
    const { chunks } = await venice.speak(LINE, { signal });
    expect(await readAll(chunks)).toEqual(SOUND);
    expect(provider.seen).toHaveLength(replies.length);
  });

  test('after a limit that ends soon, and not before it has ended', async () => {
    const resetAt = Date.now() + 300;
    await using provider = await startProvider(answer(429, {}, resetIn(300)), sound());
    await using venice = connect(provider);
    await readAll((await venice.speak(LINE, { signal })).chunks);
    expect(Date.now()).toBeGreaterThanOrEqual(resetAt - 1);
  });
});

describe('a call is not made again', () => {
  test('after a limit that ends late, which is said', async () => {
    await using provider = await startProvider(answer(429, {}, resetIn(40_000)));
    await using venice = connect(provider);
    const error = await failure(venice.speak(LINE, { signal }));
    expect(error).toMatchObject({ kind: 'rate-limited', status: 429, isSpent: false });
    const inMs = (error as { retryAt: number }).retryAt - Date.now();
    expect(inMs).toBeGreaterThan(38_000);
    expect(inMs).toBeLessThanOrEqual(40_000);
    const next = await failure(venice.speak(LINE, { signal }));
    expect(next).toMatchObject({ kind: 'rate-limited', status: undefined });
    expect(provider.seen).toHaveLength(1);
  });

  test.each([
    ['missing', {}],
    ['garbage', { 'x-ratelimit-reset-requests': 'soon', 'retry-after': 'later' }],
    ['days away', resetIn(4 * 86_400_000)],
    ['past, by a clock that goes ahead of the provider’s', resetIn(-5_000)],
    ['no Unix time', { 'x-ratelimit-reset-requests': '30' }],
    ['told by Retry-After', { 'retry-after': '30' }],
    [
      'told by Retry-After, beside a count that goes on',
      { ...resetIn(5_000), 'retry-after': '30' },
    ],
    ['in milliseconds', { 'x-ratelimit-reset-requests': String(Date.now() + 30_000) }],
  ])('after a limit whose end is %s, for half a minute', async (_, headers) => {
    let now = Date.now();
    await using provider = await startProvider(answer(429, {}, headers), sound());
    await using venice = connect(provider, { clock: () => now });
    const error = await failure(venice.speak(LINE, { signal }));
    expect(error).toMatchObject({ kind: 'rate-limited', status: 429, isSpent: false });
    const inMs = (error as { retryAt: number }).retryAt - now;
    expect(inMs).toBeGreaterThan(20_000);
    expect(inMs).toBeLessThanOrEqual(30_000);
    // Of that model alone.
    await readAll((await venice.speak({ ...LINE, model: 'tts-kokoro' }, { signal })).chunks);
    now += inMs - 1;
    const waiting = venice.speak(LINE, { signal });
    expect(provider.seen).toHaveLength(2);
    now += 1;
    await readAll((await waiting).chunks);
    expect(provider.seen).toHaveLength(3);
  });

  test('when the provider takes too long, which may have cost something', async () => {
    await using provider = await startProvider(hang);
    await using venice = connect(provider);
    const error = await failure(venice.speak(LINE, { signal }));
    expect(error).toMatchObject({ kind: 'timeout', isSpent: true });
    expect(provider.seen).toHaveLength(1);
    await provider.seen[0]?.left;
  });
});

describe('what may have been charged', () => {
  test('is told try by try, before it goes out, and taken back where nothing was made', async () => {
    await using provider = await startProvider(answer(504), answer(503), sound());
    await using venice = connect(provider);
    const told: string[] = [];
    const till: Till = {
      charge: async () => void told.push(`charge ${provider.seen.length}`),
      answered: () => void told.push('answered'),
      giveBack: () => void told.push('give back'),
    };
    await venice.speak(LINE, { signal, till });
    expect(told.join(', ')).toBe(
      'charge 0, answered, charge 1, answered, give back, charge 2, answered',
    );
  });

  test('is nothing for a call that is given up before it leaves', async () => {
    await using provider = await startProvider(sound());
    await using venice = connect(provider);
    const controller = new AbortController();
    let balance = 0;
    const till: Till = {
      async charge() {
        balance += 1;
        controller.abort(new Error('skipped'));
      },
      answered: () => undefined,
      giveBack() {
        balance -= 1;
      },
    };
    await failure(venice.speak(LINE, { signal: controller.signal, till }));
    expect(balance).toBe(0);
    expect(provider.seen).toHaveLength(0);
  });

  test('is told to be without an answer where the connection broke before one', async () => {
    await using provider = await startProvider(hangUp, cut(), sound());
    await using venice = connect(provider);
    const told: string[] = [];
    const till: Till = {
      charge: async () => void told.push('charge'),
      answered: () => void told.push('answered'),
      giveBack: () => void told.push('give back'),
    };
    await venice.speak(LINE, { signal, till });
    expect(told.join(', ')).toBe('charge, charge, answered, charge, answered');
  });

  test('is not more than the till lets through', async () => {
    await using provider = await startProvider(answer(504), sound());
    await using venice = connect(provider);
    const enough = new Error('enough');
    const till: Till = {
      charge: () => (provider.seen.length > 0 ? Promise.reject(enough) : Promise.resolve()),
      answered: () => undefined,
      giveBack: () => undefined,
    };
    expect(await failure(venice.speak(LINE, { signal, till }))).toBe(enough);
    expect(provider.seen).toHaveLength(1);
  });

  test('is nothing where no connection was made, after three tries', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    await using venice = connect({ url: `http://127.0.0.1:${port}` });
    const error = await failure(venice.speak(LINE, { signal }));
    expect(error).toMatchObject({ kind: 'network', isSpent: false });
    expect((error as Error).message).toContain('ECONNREFUSED');
  });

  test('is nothing where the connection does not speak TLS', async () => {
    await using provider = await startProvider(sound());
    await using venice = connect({ url: provider.url.replace('http:', 'https:') });
    const error = await failure(venice.speak(LINE, { signal }));
    expect(error).toMatchObject({ kind: 'network', isSpent: false });
  });

  test('is nothing where the connection could not be made in time', async () => {
    await using mute = await startMute();
    await using venice = connect(mute, { timing: { connectMs: 50, speechMs: 20_000 } });
    const error = await failure(venice.speak(LINE, { signal }));
    expect(error).toMatchObject({ kind: 'network', isSpent: false });
    expect((error as Error).message).toContain('UND_ERR_CONNECT_TIMEOUT');
  });

  test('is the call when the connection broke after it was sent', async () => {
    await using provider = await startProvider(hangUp);
    await using venice = connect(provider);
    const error = await failure(venice.speak(LINE, { signal }));
    expect(error).toMatchObject({ kind: 'network', isSpent: true });
    expect(provider.seen).toHaveLength(3);
  });
});

describe('time', () => {
  test('is up when headers come, but no sound', async () => {
    await using provider = await startProvider(stall());
    await using venice = connect(provider);
    const error = await failure(venice.speak(LINE, { signal }));
    expect(error).toMatchObject({ kind: 'timeout', isSpent: true });
    expect(provider.seen).toHaveLength(1);
  });

  test('is up when the sound stops', async () => {
    await using provider = await startProvider(stall('some'));
    await using venice = connect(provider);
    const { chunks } = await venice.speak(LINE, { signal });
    expect(await failure(readAll(chunks))).toMatchObject({ kind: 'timeout', isSpent: true });
    await provider.seen[0]?.left;
  });

  const drip: Reply = (response) => {
    response.writeHead(200, { 'content-type': 'audio/wav' });
    const dripping = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(dripping));
  };

  test('is up for sound that comes more slowly than it is heard, however lively', async () => {
    await using provider = await startProvider(drip);
    await using venice = connect(provider, { timing: { lagMs: 200 } });
    const { chunks, heard } = await venice.speak(LINE, { signal });
    const reading = (async () => {
      for await (const chunk of chunks) heard(chunk.byteLength);
    })();
    expect(await failure(reading)).toMatchObject({ kind: 'timeout', isSpent: true });
    await provider.seen[0]?.left;
  });

  test('is not up as long as it comes as fast as it is heard', async () => {
    await using provider = await startProvider(drip);
    await using venice = connect(provider, { timing: { lagMs: 300, speechMs: 300 } });
    const { chunks, heard } = await venice.speak(LINE, { signal });
    let pieces = 0;
    for await (const chunk of chunks) {
      heard(chunk.byteLength * 200);
      pieces += 1;
      if (pieces === 40) break;
    }
    expect(pieces).toBe(40);
  });

  test('is up in all, over tries and pauses', async () => {
    await using provider = await startProvider(answer(503));
    await using venice = connect(provider, {
      timing: { speechMs: 100, backoffMinMs: 1_000, backoffMaxMs: 1_000 },
    });
    const startedAt = performance.now();
    expect(await failure(venice.speak(LINE, { signal }))).toMatchObject({ status: 503 });
    expect(performance.now() - startedAt).toBeLessThan(900);
  });

  test('does not pass while the reader is busy', async () => {
    await using provider = await startProvider((response) => {
      response.writeHead(200, { 'content-type': 'audio/wav' });
      response.write('first');
      setTimeout(() => response.end('second'), 20);
    });
    await using venice = connect(provider, { timing: { speechMs: 150 } });
    const { chunks } = await venice.speak(LINE, { signal });
    const parts: string[] = [];
    for await (const chunk of chunks) {
      parts.push(Buffer.from(chunk).toString());
      await sleep(200);
    }
    expect(parts.join(' ')).toBe('first second');
  });
});
