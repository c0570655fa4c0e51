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

  test('calls that are not answered keep back none of another lane', async () => {
    const lanes = start();
    const leave = (name: string) =>
      lanes
        .of(name)
        .limiter.take(() => lanes.of(name).enter(), { signal: AbortSignal.timeout(5_000) });
    for (const model of ['slow-a', 'slow-b'])
      await Promise.all(Array.from({ length: 10 }, () => leave(model)));
    await leave('healthy');
  });

  test('have no more calls out than may still fail', async () => {
    const lanes = start();
    const lane = lanes.of('tts-a');
    lane.limiter.allow(600);
    lanes.tick(60_000);
    lanes.end('tts-a', 'failed', 2);
    const ends: ((end: LaneEnd) => void)[] = [];
    const leave = () => {
      void lane.limiter.take(() => ends.push(lane.enter()), { signal: AbortSignal.timeout(5_000) });
    };
    for (let call = 0; call < 12; call += 1) leave();
    expect(ends).toHaveLength(10);
    ends[0]?.('succeeded');
    expect(ends).toHaveLength(11);
    // The body of that call fails later: it has been counted as answered already.
    ends[0]?.('failed');
    expect(ends).toHaveLength(11);
    ends[1]?.('abandoned');
    expect(ends).toHaveLength(11);
    ends[2]?.('abandoned');
    expect(ends).toHaveLength(12);
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
