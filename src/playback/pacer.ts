import { FRAME_MS, type Track } from './track.ts';

/** Within this a frame counts as due: timers fire by the millisecond. */
const TOLERANCE_MS = 0.5;
/** A track further behind (the machine slept) goes on from now instead of catching up in a burst. */
const MOST_BEHIND_MS = 200;

/**
 * Sends the frames of all tracks, each 20 ms after the one before, on the monotonic clock. What is
 * due goes out first, then the next frames are encrypted: no track waits for another's encryption.
 */
export interface Pacer {
  /** To be called when the track may have sound again; the first packet leaves within the call. */
  wake(track: Track): void;
  remove(track: Track): void;
}

export function createPacer(): Pacer {
  /** When the next frame of each track that is awake is due. */
  const dueAt = new Map<Track, number>();
  /** When a track that fell asleep may send again. */
  const restedAt = new WeakMap<Track, number>();
  let timer: NodeJS.Timeout | undefined;
  let isStepping = false;

  function step(): void {
    const now = performance.now();
    const due = [...dueAt].filter(([, at]) => at <= now + TOLERANCE_MS);
    isStepping = true;
    for (const [track] of due) track.dispatch();
    for (const [track, at] of due) {
      track.prepare();
      const next = (now - at > MOST_BEHIND_MS ? now : at) + FRAME_MS;
      if (track.isAwake) dueAt.set(track, next);
      else sleep(track, next);
    }
    isStepping = false;
    arm();
  }

  function sleep(track: Track, until: number): void {
    dueAt.delete(track);
    restedAt.set(track, until);
  }

  function arm(): void {
    clearTimeout(timer);
    if (dueAt.size === 0) return;
    timer = setTimeout(step, Math.min(...dueAt.values()) - performance.now());
  }

  return {
    wake(track) {
      if (!track.isAwake || dueAt.has(track)) return;
      const now = performance.now();
      dueAt.set(track, Math.max(now, restedAt.get(track) ?? 0));
      if (!isStepping) step();
    },
    remove(track) {
      dueAt.delete(track);
    },
  };
}
