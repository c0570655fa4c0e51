import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import {
  answer,
  connect,
  failure,
  hang,
  LINE,
  type Reply,
  readAll,
  resetIn,
  sound,
  stall,
  startMute,
  startProvider,
} from './provider.ts';

const REASON = { why: 'the member left' };

describe('an abort is thrown as its own reason', () => {
  test('before anything', async () => {
    await using provider = await startProvider(sound());
    await using venice = connect(provider);
    const signal = AbortSignal.abort(REASON);
    expect(await failure(venice.speak(LINE, { signal }))).toBe(REASON);
    expect(provider.seen).toHaveLength(0);
  });

  test.each<[string, Reply, Parameters<typeof connect>[1]]>([
    ['while waiting for the answer', hang, { timing: { firstByteMs: 5_000 } }],
    ['while waiting for the first sound', stall(), { timing: { firstByteMs: 5_000 } }],
    [
      'while pausing before another try',
      answer(503),
      { timing: { backoffMinMs: 1_000, backoffMaxMs: 1_000 } },
    ],
    ['while waiting for a limit to end', answer(429, {}, resetIn(2_500)), {}],
    [
      'while reading a refusal',
      (response) => {
        response.writeHead(400);
        response.write('{');
      },
      { timing: { firstByteMs: 5_000, idleMs: 5_000 } },
    ],
  ])('%s', async (_, reply, options) => {
    await using provider = await startProvider(reply);
    await using venice = connect(provider, options);
    const controller = new AbortController();
    const speaking = failure(venice.speak(LINE, { signal: controller.signal }));
    await provider.until(1);
    setTimeout(() => controller.abort(REASON), 50);
    expect(await speaking).toBe(REASON);
    expect(provider.seen).toHaveLength(1);
    await provider.seen[0]?.left;
    expect(venice.status().paused).toEqual([]);
  });

  test('while connecting', async () => {
    await using mute = await startMute();
    await using venice = connect(mute);
    const controller = new AbortController();
    setTimeout(() => controller.abort(REASON), 50);
    expect(await failure(venice.speak(LINE, { signal: controller.signal }))).toBe(REASON);
  });

  test('between two pieces of sound, and for whoever reads later', async () => {
    await using provider = await startProvider(stall('some'));
    await using venice = connect(provider, { timing: { idleMs: 5_000 } });
    const controller = new AbortController();
    const { chunks } = await venice.speak(LINE, { signal: controller.signal });
    const reading = failure(readAll(chunks));
    setTimeout(() => controller.abort(REASON), 20);
    expect(await reading).toBe(REASON);
    await provider.seen[0]?.left;
  });

  test('while the sound waits for its reader', async () => {
    await using provider = await startProvider(stall('some'));
    await using venice = connect(provider, { timing: { idleMs: 5_000 } });
    const controller = new AbortController();
    const { chunks } = await venice.speak(LINE, { signal: controller.signal });
    controller.abort(REASON);
    await provider.seen[0]?.left;
    expect(await failure(readAll(chunks))).toBe(REASON);
  });

  test('while queueing, without a call', async () => {
    await using provider = await startProvider(sound());
    await using venice = connect(provider);
    await spend(venice, 10);
    const controller = new AbortController();
    const speaking = failure(venice.speak(LINE, { signal: controller.signal }));
    controller.abort(REASON);
    expect(await speaking).toBe(REASON);
    expect(provider.seen).toHaveLength(10);
  });
});

test('a call leaves no listener behind on the signal', async () => {
  await using provider = await startProvider(sound(), answer(400), sound());
  await using venice = connect(provider);
  const { signal } = new AbortController();
  await readAll((await venice.speak(LINE, { signal })).chunks);
  await failure(venice.speak(LINE, { signal }));
  await readAll((await venice.speak(LINE, { signal })).chunks);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

async function spend(venice: ReturnType<typeof connect>, calls: number): Promise<void> {
  const { signal } = new AbortController();
  for (let call = 0; call < calls; call += 1)
    await readAll((await venice.speak(LINE, { signal })).chunks);
}
