import { type Clock, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { VeniceError } from './errors.ts';
import type { Rate } from './rate-headers.ts';

/** What a model may be sent by default, in requests a minute. */
const DEFAULT_PER_MINUTE = 60;
/** Longer than this nobody waits: the member is told when to try again. */
const LONGEST_WAIT_MS = 20 * SECOND_MS;
/** No reset is further away; only a clock that was set back makes a block longer. */
const LONGEST_BLOCK_MS = 10 * MINUTE_MS;

/** How often to look whether there is room again: failures that grow old make room untold. */
const LOOK_AGAIN_MS = SECOND_MS;

/**
 * Keeps a model within its requests a minute, counted over any 60 seconds. It is a token bucket: it
 * holds a sixth of them, and is refilled with the other five sixths over each minute. The fixed
 * windows of rate-limiter-flexible would allow twice as many around the end of a window, and a
 * caller that aborts cannot leave its queue.
 */
export interface Limiter {
  /**
   * Waits for a turn, first come first served, and then calls `leave`. If that throws, the turn is
   * not used up. @throws VeniceError 'rate-limited', and what `leave` throws.
   */
  take<T>(leave: () => T, options: { signal: AbortSignal }): Promise<T>;
  /** To be called when there may be room again. */
  look(): void;
  /** Follows what is allowed, up and down. */
  allow(perMinute: number): void;
  /** Follows what an answer says. */
  follow(rate: Rate): void;
  /** Nothing goes out before this instant. */
  blockUntil(at: number): void;
  /** How many calls could go out now. */
  left(): number;
}

/** @param hasRoom while it returns false no call goes out, even within the rate. */
export function createLimiter(clock: Clock, hasRoom: () => boolean = () => true): Limiter {
  let burst = DEFAULT_PER_MINUTE / 6;
  let perMs = (DEFAULT_PER_MINUTE - burst) / MINUTE_MS;
  let tokens = burst;
  let filledAt = clock();
  let blockedUntil = 0;
  let timer: NodeJS.Timeout | undefined;
  /** Each says whether it has left. */
  const waiting: (() => boolean)[] = [];

  function fill(): void {
    const now = clock();
    tokens = Math.min(burst, tokens + Math.max(0, now - filledAt) * perMs);
    filledAt = now;
  }

  /** How long the last of so many calls has to wait. */
  function waitMs(calls: number): number {
    fill();
    const blockMs = blockedUntil - clock();
    const blockedMs = blockMs > LONGEST_BLOCK_MS ? 0 : Math.max(0, blockMs);
    const tokensThen = Math.min(burst, tokens + blockedMs * perMs);
    return blockedMs + Math.max(0, calls - tokensThen) / perMs;
  }

  function letThrough(): void {
    clearTimeout(timer);
    while (waiting.length > 0 && waitMs(1) <= 0 && hasRoom()) {
      const hasLeft = waiting.shift()?.();
      if (hasLeft) tokens -= 1;
    }
    if (waiting.length === 0) return;
    timer = setTimeout(letThrough, hasRoom() ? Math.ceil(waitMs(1)) : LOOK_AGAIN_MS);
  }

  function allow(perMinute: number): void {
    fill();
    burst = Math.max(1, Math.floor(perMinute / 6));
    perMs = (perMinute * 5) / 6 / MINUTE_MS;
    tokens = Math.min(tokens, burst);
    letThrough();
  }

  function blockUntil(at: number): void {
    blockedUntil = Math.max(blockedUntil, at);
  }

  async function take<T>(leave: () => T, { signal }: { signal: AbortSignal }): Promise<T> {
    signal.throwIfAborted();
    const ms = waitMs(waiting.length + 1);
    if (ms > LONGEST_WAIT_MS)
      throw new VeniceError('rate-limited', 'Too many calls are waiting for the provider', {
        retryAt: Math.ceil(clock() + ms),
      });
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const go = () => {
      try {
        resolve(leave());
        return true;
      } catch (error) {
        reject(error);
        return false;
      }
    };
    const giveUp = () => {
      const place = waiting.indexOf(go);
      if (place === -1) return;
      waiting.splice(place, 1);
      letThrough();
      reject(signal.reason);
    };
    waiting.push(go);
    signal.addEventListener('abort', giveUp, { once: true });
    letThrough();
    return await promise.finally(() => signal.removeEventListener('abort', giveUp));
  }

  return {
    take,
    look: letThrough,
    allow,
    follow({ perMinute, left, resetAt }) {
      if (perMinute !== undefined) allow(perMinute);
      // What was left in a window that is over says nothing about the next.
      if (left === undefined || resetAt === undefined || resetAt <= clock()) return;
      fill();
      tokens = Math.min(tokens, left);
      if (left === 0) blockUntil(resetAt);
    },
    blockUntil,
    left() {
      return waitMs(1) > 0 ? 0 : Math.floor(tokens);
    },
  };
}
