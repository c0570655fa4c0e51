import { type Clock, SECOND_MS } from '../domain/time.ts';

/** The provider blocks a key for 30 s after more than 20 failures in 30 s: we stop well before. */
const WINDOW_MS = 30 * SECOND_MS;
const MOST_FAILURES = 12;

/**
 * Stops calls while too many fail. Counts failures in a sliding window, because the provider does;
 * the breakers to be had count shares of requests or failures in a row.
 */
export interface Breaker {
  /** When calls may be made again, or undefined when they may now. */
  pausedUntil(): number | undefined;
  /** A call goes out; the first after a pause is a probe, and the others wait for what it finds. */
  enter(): void;
  isOpen(): boolean;
  succeeded(): void;
  failed(): void;
}

export function createBreaker(clock: Clock): Breaker {
  let failures: number[] = [];
  let openUntil = 0;
  let isProbing = false;

  return {
    pausedUntil() {
      if (openUntil === 0) return undefined;
      if (clock() < openUntil) return openUntil;
      return isProbing ? clock() + SECOND_MS : undefined;
    },
    enter() {
      if (openUntil !== 0) isProbing = true;
    },
    isOpen: () => openUntil > clock(),
    succeeded() {
      if (isProbing) failures = [];
      openUntil = 0;
      isProbing = false;
    },
    failed() {
      const now = clock();
      failures = [...failures.filter((at) => at > now - WINDOW_MS), now];
      if (isProbing || failures.length >= MOST_FAILURES) openUntil = now + WINDOW_MS;
      isProbing = false;
    },
  };
}
