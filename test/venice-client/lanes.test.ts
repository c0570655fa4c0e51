import { describe, expect, test } from 'vitest';
import { createLanes, type Lane, type LaneEnd } from '../../src/venice/lanes.ts';

describe('lanes', () => {
  test('an outage of one model keeps only its own calls back', () => {
    const lanes = start();
    lanes.end('tts-a', 'failed', 12);
    lanes.end('tts-b', 'failed', 12);
    expect(lanes.paused()).toEqual(['tts-a', 'tts-b']);
    expect(lanes.of('tts-a').check).toThrow(expect.objectContaining({ kind: 'breaker-open' }));
    expect(lanes.of('uploads').check).not.toThrow();
  });

  test('client errors stop their model at twelve, and the key at twenty of all models', () => {
    const lanes = start();
    lanes.end('tts-a', 'refused', 12);
    expect(lanes.paused()).toEqual(['tts-a']);
    lanes.end('tts-b', 'refused', 7);
    expect(lanes.of('uploads').check).not.toThrow();
    lanes.end('uploads', 'refused', 1);
    expect(lanes.of('uploads').check).toThrow(expect.objectContaining({ kind: 'breaker-open' }));
    expect(lanes.of('tts-c').check).toThrow();
    lanes.tick(30_000);
    // One call shows whether the key is let in again, and lets all others through.
    lanes.end('tts-c', 'succeeded', 1);
    expect(lanes.of('tts-b').check).not.toThrow();
  });

  test('never have more calls out than the key may still be refused', async () => {
    const lanes = start();
    lanes.end('tts-a', 'refused', 11);
    const out: ((end: LaneEnd) => void)[] = [];
    const leave = (lane: Lane) =>
      lane.limiter.take(() => out.push(lane.enter()), { signal: new AbortController().signal });
    await Promise.all(Array.from({ length: 9 }, () => leave(lanes.of('tts-b'))));
    let hasLeft = false;
    const last = leave(lanes.of('tts-b')).then(() => {
      hasLeft = true;
    });
    await Promise.resolve();
    expect(hasLeft).toBe(false);
    out[0]?.('succeeded');
    await last;
  });
});

function start() {
  let now = 0;
  const lanes = createLanes(() => now);
  return {
    ...lanes,
    tick(ms: number): void {
      now += ms;
    },
    end(name: string, end: LaneEnd, times: number): void {
      for (let time = 0; time < times; time += 1) lanes.of(name).enter()(end);
    },
  };
}
