import { type Clock, SECOND_MS } from '../domain/time.ts';
import { VeniceError } from './errors.ts';

/** The provider counts failures over 30 s, and blocks for as long. */
const WINDOW_MS = 30 * SECOND_MS;

export type BreakerState = 'closed' | 'open' | 'half-open';
export type CallEnd = 'succeeded' | 'failed' | 'abandoned';

/**
 * A circuit breaker: stops calls for a while after too many have failed. It counts the failures of
 * the last 30 s (a sliding window), as the provider does. Existing libraries do not: they count a
 * percentage of requests, consecutive failures, or failures in fixed windows.
 */
export interface Breaker {
  state(): BreakerState;
  /** @throws VeniceError 'breaker-open' while no call may be made. */
  check(): void;
  /** Whether so many calls could all fail without being more failures than are allowed. */
  hasRoomFor(calls: number): boolean;
  /**
   * Lets a call out. After a pause it lets out a single one, and no other until that has ended.
   * @returns a function to call with the call's end, and once more if the body of a call that
   * succeeded fails later. @throws VeniceError 'breaker-open'.
   */
  enter(): (end: CallEnd) => void;
}

/** @param mostFailures opened by so many within 30 s. */
export function createBreaker(clock: Clock, mostFailures: number): Breaker {
  let failures: number[] = [];
  let openedAt: number | undefined;
  let probe: symbol | undefined;

  function state(): BreakerState {
    if (openedAt === undefined) return 'closed';
    const sinceMs = clock() - openedAt;
    // Less than nothing: the clock was set back, and must not keep it open for days.
    return sinceMs >= 0 && sinceMs < WINDOW_MS ? 'open' : 'half-open';
  }

  function check(): void {
    if (openedAt === undefined) return;
    const isOpen = state() === 'open';
    if (!isOpen && probe === undefined) return;
    throw new VeniceError('breaker-open', 'Too many calls failed; waiting before the next', {
      retryAt: isOpen ? openedAt + WINDOW_MS : clock() + SECOND_MS,
    });
  }

  function countFailures(): number {
    const now = clock();
    failures = failures.filter((at) => at > now - WINDOW_MS && at <= now);
    return failures.length;
  }

  function fail(isProbe: boolean): void {
    failures.push(clock());
    if (isProbe || countFailures() >= mostFailures) openedAt = clock();
  }

  return {
    state,
    check,
    // While it is open, calls are refused at once instead of waiting for room.
    hasRoomFor: (calls) => openedAt !== undefined || countFailures() + calls <= mostFailures,
    enter() {
      check();
      const call = Symbol('call');
      if (openedAt !== undefined) probe = call;
      return (end) => {
        const isProbe = probe === call;
        if (isProbe) probe = undefined;
        if (end === 'failed') fail(isProbe);
        if (end !== 'succeeded' || !isProbe) return;
        openedAt = undefined;
        failures = [];
      };
    },
  };
}
