import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';

/** What an answer says of the requests a model may be sent. */
export interface Rate {
  readonly perMinute: number | undefined;
  readonly left: number | undefined;
  /** When they are counted anew, in epoch milliseconds; may be past. */
  readonly resetAt: number | undefined;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The provider counts by the minute: a reset further away than this is a mistake. */
const MAX_RESET_MS = 10 * MINUTE_MS;
/** Unix times from here on are in milliseconds: as seconds they would lie 3,000 years ahead. */
const MILLISECONDS_FROM = 1e11;
/** As long as an overloaded model usually asks for, and as long as a block lasts. */
const UNSAID_PAUSE_MS = 30 * SECOND_MS;

/**
 * Reads `x-ratelimit-*-requests`; what is missing or makes no sense is undefined. The reset is a Unix
 * time, in seconds by the provider's page and in milliseconds by its newer notes.
 */
export function readRate(headers: Headers, now: number): Rate {
  const read = (name: string) => readNumber(headers[`x-ratelimit-${name}-requests`]);
  const reset = read('reset') ?? Number.POSITIVE_INFINITY;
  const resetAt = reset < MILLISECONDS_FROM ? reset * SECOND_MS : reset;
  return {
    perMinute: read('limit') || undefined,
    left: read('remaining'),
    resetAt: resetAt < now + MAX_RESET_MS ? resetAt : undefined,
  };
}

/**
 * When the next call of a model may be made that has just answered with 429. A reset that is past
 * says nothing of it: one of the clocks is wrong, or it is no Unix time.
 */
export function readRetryAt(headers: Headers, now: number): number {
  const pauseMs = (readNumber(headers['retry-after']) ?? Number.POSITIVE_INFINITY) * SECOND_MS;
  if (pauseMs < MAX_RESET_MS) return now + pauseMs;
  const { resetAt } = readRate(headers, now);
  return resetAt === undefined || resetAt <= now ? now + UNSAID_PAUSE_MS : resetAt;
}

function readNumber(value: string | string[] | undefined): number | undefined {
  return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}
