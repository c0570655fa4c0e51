import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';

/** How long what may take, in milliseconds. */
export interface Timing {
  readonly connectMs: number;
  /** From the request to the headers, and from the headers to the first byte. */
  readonly firstByteMs: number;
  /** Between two pieces of a body. */
  readonly idleMs: number;
  /** How much longer sound may take to come than to be heard, from its first byte on. */
  readonly lagMs: number;
  /**
   * A whole call, its tries and pauses included, for sound up to its first byte; the time its reader
   * takes is not.
   */
  readonly speechMs: number;
  readonly cloneMs: number;
  readonly askMs: number;
  /** The pause before another try. */
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
}

export const TIMING: Timing = {
  connectMs: 5 * SECOND_MS,
  firstByteMs: 30 * SECOND_MS,
  idleMs: 10 * SECOND_MS,
  lagMs: 10 * SECOND_MS,
  speechMs: 90 * SECOND_MS,
  cloneMs: MINUTE_MS,
  askMs: 15 * SECOND_MS,
  backoffMinMs: 500,
  backoffMaxMs: 8 * SECOND_MS,
};
