import { type Clock, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { VeniceError } from './errors.ts';

/** What a key may do by default, in requests a minute; a sixth of it may come in one burst. */
const DEFAULT_RPM = 60;
/** Longer than this nobody waits: the member is told when to try again. */
const LONGEST_WAIT_MS = 20 * SECOND_MS;

/**
 * Keeps the key within its requests a minute, in whatever minute one looks: a bucket of a sixth of
 * them that fills with the other five sixths a minute. Windows of the usual limiters would let
 * twice the burst through where two meet, and their queues cannot be left when a caller aborts.
 */
export interface Limiter {
  /** Waits for a turn, first come first served. @throws VeniceError 'rate-limited'. */
  take(options: { signal: AbortSignal }): Promise<void>;
  /** Follows what the provider allows. */
  allow(requestsPerMinute: number): void;
  /** Nothing goes out before this instant. */
  blockUntil(at: number): void;
  /** How many calls could go out now. */
  left(): number;
}

export function createLimiter(clock: Clock): Limiter {
  let rpm = DEFAULT_RPM;
  let tokens = rpm / 6;
  let filledAt = clock();
  let blockedUntil = 0;
  let timer: NodeJS.Timeout | undefined;
  const waiting: (() => void)[] = [];

  const perMs = () => (rpm * 5) / 6 / MINUTE_MS;

  function fill(): void {
    const now = clock();
    tokens = Math.min(rpm / 6, tokens + Math.max(0, now - filledAt) * perMs());
    filledAt = now;
  }

  /** How long the next call has to wait. */
  function waitMs(): number {
    fill();
    const forToken = tokens >= 1 ? 0 : (1 - tokens) / perMs();
    return Math.max(forToken, blockedUntil - clock());
  }

  function letThrough(): void {
    clearTimeout(timer);
    while (waiting.length > 0 && waitMs() <= 0) {
      tokens -= 1;
      waiting.shift()?.();
    }
    if (waiting.length > 0) timer = setTimeout(letThrough, Math.ceil(waitMs()));
  }

  return {
    async take({ signal }) {
      signal.throwIfAborted();
      const expected = waitMs() + waiting.length / perMs();
      if (expected > LONGEST_WAIT_MS)
        throw new VeniceError('rate-limited', 'Too many calls are waiting for the provider', {
          retryAt: clock() + expected,
        });
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const giveUp = () => {
        waiting.splice(waiting.indexOf(resolve), 1);
        reject(signal.reason);
      };
      waiting.push(resolve);
      signal.addEventListener('abort', giveUp, { once: true });
      letThrough();
      await promise.finally(() => signal.removeEventListener('abort', giveUp));
    },
    allow(requestsPerMinute) {
      fill();
      rpm = Math.max(1, requestsPerMinute);
      tokens = Math.min(tokens, rpm / 6);
    },
    blockUntil(at) {
      blockedUntil = Math.max(blockedUntil, at);
    },
    left() {
      fill();
      return blockedUntil > clock() ? 0 : Math.floor(tokens);
    },
  };
}
