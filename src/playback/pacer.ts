/** Sends one packet every 20 ms for each of its tracks, on the monotonic clock. */
export interface Pacer {
  /** The track's next packet is due now, and each further one 20 ms after the last. */
  start(track: PacedTrack): void;
  stop(track: PacedTrack): void;
  close(): void;
}

export interface PacedTrack {
  /** Sends what was prepared. */
  dispatch(): void;
  /** Encrypts the next packet, so that sending it costs no time; false when there is none. */
  prepare(): boolean;
}

const FRAME_MS = 20;
/** A timer wakes about a millisecond early or late; what is due within this is due. */
const SLACK_MS = 0.5;
/** After a stall of the process this much is caught up in a burst; older beats are let go. */
const MAX_LAG_MS = 200;

/**
 * All tracks that are due are dispatched first and prepared after, so that the encryption of one
 * does not delay the packet of another.
 */
export function createPacer(): Pacer {
  const dueAt = new Map<PacedTrack, number>();
  let timer: NodeJS.Timeout | undefined;

  function beat(): void {
    const now = performance.now();
    const due = [...dueAt].filter(([, at]) => at <= now + SLACK_MS);
    for (const [track] of due) track.dispatch();
    for (const [track, at] of due) {
      if (!dueAt.has(track)) continue;
      if (track.prepare()) dueAt.set(track, Math.max(at + FRAME_MS, now - MAX_LAG_MS));
      else dueAt.delete(track);
    }
    plan();
  }

  function plan(): void {
    clearTimeout(timer);
    timer = undefined;
    if (dueAt.size === 0) return;
    const next = Math.min(...dueAt.values());
    timer = setTimeout(beat, Math.max(0, next - performance.now()));
  }

  return {
    start(track) {
      if (dueAt.has(track)) return;
      const now = performance.now();
      if (!track.prepare()) return;
      track.dispatch();
      if (track.prepare()) dueAt.set(track, now + FRAME_MS);
      plan();
    },
    stop(track) {
      dueAt.delete(track);
      plan();
    },
    close() {
      dueAt.clear();
      plan();
    },
  };
}
