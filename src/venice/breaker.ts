import { abortable } from '../domain/abortable.ts';
import { type Clock, SECOND_MS } from '../domain/time.ts';
import { VeniceError } from './errors.ts';

/** The provider blocks a key for 30 s after more than 20 failures in 30 s: we stop well before. */
const WINDOW_MS = 30 * SECOND_MS;
const MOST_FAILURES = 12;

export type BreakerState = 'closed' | 'open' | 'half-open';
export type CallEnd = 'succeeded' | 'failed' | 'abandoned';

/**
 * Stops calls while too many fail. No more are out than may still fail, so that not even those that
 * leave together fail too often. Counts failures in a sliding window, because the provider does;
 * the breakers to be had count shares of requests, failures in a row, or in fixed windows.
 */
export interface Breaker {
  state(): BreakerState;
  /** @throws VeniceError 'breaker-open' while no call may be made. */
  check(): void;
  /**
   * Lets a call out as soon as there is room; after a pause only one, until it is known how that
   * ended. What is returned is told the end, and told again if the body of a call that succeeded
   * fails later.
   * @throws VeniceError 'breaker-open'; the signal's own reason.
   */
  enter(options: { signal: AbortSignal }): Promise<(end: CallEnd) => void>;
}

export function createBreaker(clock: Clock): Breaker {
  let failures: number[] = [];
  let openedAt: number | undefined;
  let probe: symbol | undefined;
  const out = new Set<symbol>();
  /** Resolved when a call has ended. */
  let ended = Promise.withResolvers<void>();

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

  /** How many failed within the window. */
  function failed(): number {
    const now = clock();
    failures = failures.filter((at) => at > now - WINDOW_MS && at <= now);
    return failures.length;
  }

  function fail(isProbe: boolean): void {
    failures.push(clock());
    if (isProbe || failed() >= MOST_FAILURES) openedAt = clock();
  }

  return {
    state,
    check,
    async enter({ signal }) {
      check();
      // Once none is out there is room, or it is open.
      while (out.size > 0 && failed() + out.size >= MOST_FAILURES) {
        await abortable(ended.promise, signal);
        check();
      }
      const call = Symbol('call');
      out.add(call);
      if (openedAt !== undefined) probe = call;
      return (end) => {
        out.delete(call);
        const isProbe = probe === call;
        if (isProbe) probe = undefined;
        if (end === 'failed') fail(isProbe);
        if (end === 'succeeded' && isProbe) {
          openedAt = undefined;
          failures = [];
        }
        ended.resolve();
        ended = Promise.withResolvers();
      };
    },
  };
}
