import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';

/** What an answer says of the requests the key may make. */
export interface Rate {
  readonly perMinute: number | undefined;
  readonly left: number | undefined;
  /** When they are counted anew, in epoch milliseconds; may be past. */
  readonly resetAt: number | undefined;
}

/** The provider counts by the minute: a reset further away than this is a mistake. */
const MAX_RESET_MS = 10 * MINUTE_MS;

/** Reads `x-ratelimit-*-requests`; what is missing or makes no sense is undefined. */
export function readRate(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: number,
): Rate {
  const read = (name: string): number | undefined => {
    const value = headers[`x-ratelimit-${name}-requests`];
    return typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
  };
  const resetAt = (read('reset') ?? Number.POSITIVE_INFINITY) * SECOND_MS;
  return {
    perMinute: read('limit') || undefined,
    left: read('remaining'),
    resetAt: resetAt < now + MAX_RESET_MS ? resetAt : undefined,
  };
}
