import { type Clock, SECOND_MS } from '../domain/time.ts';
import { VeniceError } from './errors.ts';

/** The provider counts failures over 30 s, and blocks for as long. */
const WINDOW_MS = 30 * SECOND_MS;

export type BreakerState = 'closed' | 'open' | 'half-open';
export type CallEnd = 'succeeded' | 'failed' | 'abandoned';

/**
 * Stops calls while too many fail, or may still fail before they are answered. Counts failures in a sliding window, because the provider does;
 * the breakers to be had count shares of requests, failures in a row, or in fixed windows.
 */
export interface Breaker {
  state(): BreakerState;
  /** @throws VeniceError 'breaker-open' while no call may be made. */
  check(): void;
  /** Whether one more could fail, along with all that are not answered yet, without opening it for longer. */
  hasRoom(): boolean;
  /**
   * Lets a call out; after a pause only one, until it is known how that ended. What is returned is
   * told the end, and told again if the body of a call that succeeded fails later.
   * @throws VeniceError 'breaker-open'.
   */
  enter(): (end: CallEnd) => void;
}

/** @param mostFailures opened by so many within 30 s. */
export function createBreaker(clock: Clock, mostFailures: number): Breaker {
  let failures: number[] = [];
  let openedAt: number | undefined;
  let probe: symbol | undefined;
  const unanswered = new Set<symbol>();

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
    // While it is open none has to wait to be refused.
    hasRoom: () => openedAt !== undefined || countFailures() + unanswered.size < mostFailures,
    enter() {
      check();
      const call = Symbol('call');
      unanswered.add(call);
      if (openedAt !== undefined) probe = call;
      return (end) => {
        unanswered.delete(call);
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
