import { FRAME_MS } from '../audio/pcm.ts';
import type { Track } from './track.ts';

/** Within this a frame counts as due: timers fire by the millisecond. */
const TOLERANCE_MS = 0.5;
/** A track further behind (the machine slept) goes on from now instead of catching up in a burst. */
const MOST_BEHIND_MS = 200;

/**
 * Sends the frames of all tracks, each 20 ms after the one before, on the monotonic clock. What is
 * due goes out first, then the next frames are encrypted: no track waits for another's encryption.
 */
export interface Pacer {
  /** To be called whenever a track may have something to do; a first packet leaves within the call. */
  wake(track: Track): void;
  remove(track: Track): void;
}

interface Beat {
  /** When the next frame is due; infinity while the track sleeps. */
  dueAt: number;
  /** Until when the frame sent last is heard. */
  busyUntil: number;
}

export function createPacer(): Pacer {
  const beats = new Map<Track, Beat>();
  let timer: NodeJS.Timeout | undefined;
  let isStepping = false;

  function step(): void {
    const now = performance.now();
    const due = [...beats].filter(([, { dueAt }]) => dueAt <= now + TOLERANCE_MS);
    isStepping = true;
    for (const [track, beat] of due) {
      const at = now - beat.dueAt > MOST_BEHIND_MS ? now : beat.dueAt;
      if (track.dispatch()) beat.busyUntil = at + FRAME_MS;
      beat.dueAt = at + FRAME_MS;
    }
    for (const [track, beat] of due) {
      track.prepare();
      if (!track.isAwake) beat.dueAt = Number.POSITIVE_INFINITY;
    }
    isStepping = false;
    arm();
  }

  function arm(): void {
    clearTimeout(timer);
    const next = Math.min(...Array.from(beats.values(), ({ dueAt }) => dueAt));
    if (Number.isFinite(next)) timer = setTimeout(step, Math.max(0, next - performance.now()));
  }

  return {
    wake(track) {
      if (!track.isAwake) return;
      const beat = beats.get(track) ?? { dueAt: Number.POSITIVE_INFINITY, busyUntil: 0 };
      beats.set(track, beat);
      if (beat.dueAt <= beat.busyUntil) return;
      beat.dueAt = Math.max(performance.now(), beat.busyUntil);
      if (!isStepping) step();
    },
    remove(track) {
      beats.delete(track);
    },
  };
}
