import { FRAME_MS } from '../audio/pcm.ts';
import type { Track } from './track.ts';

/** Frames due within this of each other go out together. */
const TOGETHER_MS = 1;
/**
 * Timers fire by the millisecond, up to two late, so the last of the wait is slept through instead
 * (measured with one session: spacing p99 22.3 ms with timers alone, 20.9 with this).
 */
const DOZE_MS = 1;
/** What becomes due later than this in a step is left to the next, or news would have no turn. */
const MOST_STEP_MS = FRAME_MS / 2;
/** A track further behind (the machine slept) goes on from now instead of catching up in a burst. */
const MOST_BEHIND_MS = 200;
/**
 * Frames of a track encrypted at once: one after the other of the same channel they cost less, as its
 * keys are still in the processor's cache (measured with 100 sessions: 23 % of a core one by one, 20
 * with 5, 19 with 10). Tracks take turns, each in one step of so many.
 */
const AT_ONCE = 10;
/**
 * All tracks are brought onto one beat, by a millisecond a frame, which nobody hears: to wake up
 * costs more than to send a packet (measured with 100 sessions: a quarter of all they cost).
 */
const MOST_DRIFT_MS = 1;

/**
 * Sends the frames of all tracks, each 20 ms after the one before, on the monotonic clock. What is
 * due goes out first, then the next are encrypted: none waits for more than those of one track.
 */
export interface Pacer {
  /** To be called whenever a track may have something to do; a first packet leaves within the call. */
  wake(track: Track): void;
  remove(track: Track): void;
}

interface Beat {
  readonly track: Track;
  /** Its place among those that take turns. */
  readonly place: number;
  /** When the next frame is due. */
  dueAt: number;
  /** Until when the frame sent last is heard. */
  busyUntil: number;
  isAwake: boolean;
}

export function createPacer(): Pacer {
  const beats = new Map<Track, Beat>();
  /** Those awake, in the order in which they are due. */
  const queue: Beat[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isStepping = false;
  let places = 0;

  function step(now: number): void {
    isStepping = true;
    try {
      sendAndPrepare(now);
    } finally {
      isStepping = false;
      arm();
    }
  }

  function sendAndPrepare(now: number): void {
    const sent: Beat[] = [];
    sendDue(now, sent);
    // What becomes due meanwhile goes out before the next frames are encrypted, and joins them.
    for (const beat of sent) {
      beat.track.prepare(framesToTurn(beat));
      beat.isAwake = beat.track.isAwake;
      if (beat.isAwake && beats.has(beat.track)) enqueue(beat);
      sendDue(Math.min(performance.now(), now + MOST_STEP_MS), sent);
    }
  }

  function sendDue(now: number, sent: Beat[]): void {
    for (let [beat] = queue; beat && beat.dueAt <= now + TOGETHER_MS; [beat] = queue) {
      queue.shift();
      sent.push(beat);
      const next = afterFrame(now - beat.dueAt > MOST_BEHIND_MS ? now : beat.dueAt);
      if (beat.track.dispatch()) beat.busyUntil = next;
      beat.dueAt = next;
    }
  }

  function enqueue(beat: Beat): void {
    let place = queue.length;
    // Nearly all are due after all others.
    while (place > 0 && (queue[place - 1]?.dueAt ?? 0) > beat.dueAt) place -= 1;
    if (place === queue.length) queue.push(beat);
    else queue.splice(place, 0, beat);
  }

  function dequeue(beat: Beat): void {
    const place = queue.indexOf(beat);
    if (place !== -1) queue.splice(place, 1);
  }

  function arm(): void {
    clearTimeout(timer);
    const [first] = queue;
    if (!first) return;
    const ms = first.dueAt - performance.now() - DOZE_MS;
    timer = setTimeout(doze, Math.max(0, Math.floor(ms)), first.dueAt);
  }

  /** Keeps its thread from all else for up to two milliseconds: it must be one of its own. */
  function doze(dueAt: number): void {
    const ms = dueAt - performance.now();
    if (ms > 0) Atomics.wait(NEVER, 0, 0, ms);
    step(Math.max(dueAt, performance.now()));
  }

  function makeBeat(track: Track): Beat {
    places += 1;
    return { track, place: places, dueAt: 0, busyUntil: 0, isAwake: false };
  }

  return {
    wake(track) {
      if (!track.isAwake) return;
      const beat = beats.get(track) ?? makeBeat(track);
      beats.set(track, beat);
      const at = Math.max(performance.now(), beat.busyUntil);
      // A frame without sound fills no time: what comes after it need not wait for the next.
      if (beat.isAwake && (isStepping || beat.dueAt <= at)) return;
      dequeue(beat);
      beat.isAwake = true;
      beat.dueAt = at;
      enqueue(beat);
      if (!isStepping) step(performance.now());
    },
    remove(track) {
      const beat = beats.get(track);
      beats.delete(track);
      if (beat) dequeue(beat);
    },
  };
}

/** What nobody wakes. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** When the frame after one that was due then is due. */
function afterFrame(at: number): number {
  const due = at + FRAME_MS;
  const late = due - Math.round(due / FRAME_MS) * FRAME_MS;
  return due - Math.max(-MOST_DRIFT_MS, Math.min(MOST_DRIFT_MS, late));
}

/** How many frames there are from the next one until it is its turn again. */
function framesToTurn({ dueAt, place }: Beat): number {
  return AT_ONCE - ((Math.round(dueAt / FRAME_MS) + place) % AT_ONCE);
}
