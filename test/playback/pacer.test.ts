import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createPacer } from '../../src/playback/pacer.ts';
import { packPackets } from '../../src/playback/packet-batch.ts';
import { type Sink, Track } from '../../src/playback/track.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const ignore = () => undefined;

/** A track with so many packets, and when each of its frames went out. */
function record(packets: number, prepare: Sink['prepare'] = ignore) {
  const sentAt: number[] = [];
  const sink = {
    prepare,
    dispatch: () => sentAt.push(performance.now()) > 0,
    setSpeaking: () => undefined,
  };
  const track = new Track(sink, { started: ignore, underrun: ignore, done: ignore });
  speak(track, packets);
  return { track, sentAt };
}

function speak(track: Track, packets: number): void {
  track.begin('u');
  track.push('u', packPackets(Array.from({ length: packets }, () => Uint8Array.of(1))));
  track.end('u');
}

test('a first packet leaves at once, the others 20 ms apart, and soon those of all tracks together', () => {
  const pacer = createPacer();
  const tracks = [0, 3, 8, 11].map((apart) => {
    vi.advanceTimersByTime(apart);
    const { track, sentAt } = record(50);
    pacer.wake(track);
    expect(sentAt).toEqual([performance.now()]);
    return sentAt;
  });
  vi.advanceTimersByTime(2000);
  for (const sentAt of tracks) {
    expect(sentAt).toHaveLength(55);
    const spacings = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0));
    // The clock of the test stands still during the one or two milliseconds slept through.
    expect(Math.min(...spacings)).toBeGreaterThanOrEqual(17);
    expect(Math.max(...spacings)).toBeLessThanOrEqual(22);
  }
  const beats = new Set(tracks.flatMap((sentAt) => sentAt.slice(12, 40).map(Math.round)));
  expect(beats.size).toBeLessThan(35);
});

test('what is due while others are encrypted waits for one of them, not for all', () => {
  const pacer = createPacer();
  let costMs = 0;
  // Four of them in each step.
  const slow = Array.from({ length: 40 }, () => record(200, () => vi.advanceTimersByTime(costMs)));
  for (const { track } of slow) pacer.wake(track);
  vi.advanceTimersByTime(1000);
  const beat = slow[0]?.sentAt.at(-1) ?? 0;
  // From now on the clock goes on by the eight milliseconds it takes to encrypt theirs.
  costMs = 2;
  vi.advanceTimersByTime(beat + 21 - performance.now());
  const begun = performance.now();
  const { track, sentAt } = record(10);
  pacer.wake(track);
  expect(sentAt).toEqual([begun]);
  expect(begun).toBe(beat + 29);
  vi.advanceTimersByTime(500);
  // Brought nearer to the beat of the others by a millisecond each time, it comes due among them.
  const late = sentAt.slice(1, 7).map((at, index) => at - begun - (index + 1) * 19);
  expect(Math.max(...late)).toBeLessThanOrEqual(2);
});

test('channels that begin together encrypt in turns', () => {
  const pacer = createPacer();
  const frames = new Map<number, number>();
  const count = (packets: readonly unknown[]) => {
    const now = performance.now();
    frames.set(now, (frames.get(now) ?? 0) + packets.length);
  };
  const comes = () => {
    const { track } = record(100, count);
    pacer.wake(track);
    return track;
  };
  // Each of the first ones has gone by now, and another has come instead.
  for (const track of Array.from({ length: 40 }, comes)) {
    pacer.remove(track);
    comes();
  }
  vi.advanceTimersByTime(1000);
  const [, ...steps] = frames.values();
  expect(Math.max(...steps)).toBe(40);
});

test('what follows soon after a line waits for its last frame, but for none without sound', () => {
  const pacer = createPacer();
  const { track, sentAt } = record(10);
  pacer.wake(track);
  vi.advanceTimersByTime(15 * 20 + 10);
  expect(sentAt).toHaveLength(15);
  expect(track.isAwake).toBe(true);
  const isSent = performance.now();
  speak(track, 10);
  pacer.wake(track);
  expect(sentAt.slice(15)).toEqual([isSent]);
  vi.advanceTimersByTime(22);
  expect(sentAt).toHaveLength(17);
  // In the middle of a frame that is heard, nothing goes out early.
  vi.advanceTimersByTime(5);
  pacer.wake(track);
  expect(sentAt).toHaveLength(17);
  vi.advanceTimersByTime(2000);
  expect(sentAt).toHaveLength(30);
});

test('a track that was removed sends no more, and the others go on', () => {
  const pacer = createPacer();
  const [gone, other] = [record(50), record(50)];
  pacer.wake(gone.track);
  pacer.wake(other.track);
  vi.advanceTimersByTime(100);
  pacer.remove(gone.track);
  const [sent, before] = [gone.sentAt.length, other.sentAt.length];
  vi.advanceTimersByTime(100);
  expect(gone.sentAt).toHaveLength(sent);
  expect(other.sentAt).toHaveLength(before + 5);
});
