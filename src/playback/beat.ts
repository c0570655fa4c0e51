/** Moments that all sessions wait for together: to wake up costs more than what is done then. */
const BEAT_MS = 100;

/** How long to wait until such a moment, in milliseconds: from so many to a beat more. */
export function toBeat(leastMs: number): number {
  const now = performance.now();
  return Math.ceil((now + leastMs) / BEAT_MS) * BEAT_MS - now;
}
