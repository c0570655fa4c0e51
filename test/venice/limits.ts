import type { ServerResponse } from 'node:http';
import { refuse } from './answers.ts';

const WINDOW_MS = 60_000;

/** What a refusal for the rate says of when to come back. */
export type Says = 'reset' | 'retry-after' | 'nothing';

export interface LimitOptions {
  readonly perMinute: number;
  /** What a reset is told in: a Unix time all the same. */
  readonly unit: 's' | 'ms';
  /** A call came although the one before was told to wait for longer. */
  readonly onEarly: (bucket: string) => void;
}

/** How many audio calls a minute, of each model and of uploads, as each answer to one says. */
export function createLimits({ perMinute, unit, onEarly }: LimitOptions) {
  const calls = new Map<string, number[]>();
  const holds = new Map<string, { until: number; says: Says; isTold: boolean }>();

  function tell(response: ServerResponse, left: number, resetAt: number): void {
    response.setHeader('x-ratelimit-limit-requests', String(perMinute));
    response.setHeader('x-ratelimit-remaining-requests', String(left));
    const reset = unit === 'ms' ? resetAt : resetAt / 1000;
    response.setHeader('x-ratelimit-reset-requests', String(Math.ceil(reset)));
  }

  return {
    /** Refuses the next calls of a model, or of `uploads`, for so long. */
    hold(bucket: string, ms: number, says: Says): void {
      holds.set(bucket, { until: Date.now() + ms, says, isTold: false });
    },

    /** Counts a call and tells its answer how the count stands. @returns whether it was refused. */
    refused(bucket: string, response: ServerResponse): boolean {
      const now = Date.now();
      const hold = holds.get(bucket);
      if (hold && hold.until > now) {
        if (hold.isTold) onEarly(bucket);
        hold.isTold = true;
        if (hold.says === 'reset') tell(response, 0, hold.until);
        if (hold.says === 'retry-after')
          response.setHeader('retry-after', String(Math.ceil((hold.until - now) / 1000)));
        refuse(response, 429, 'The model is currently overloaded. Please try again later.');
        return true;
      }
      const ofMinute = (calls.get(bucket) ?? []).filter((at) => at > now - WINDOW_MS);
      calls.set(bucket, ofMinute);
      ofMinute.push(now);
      tell(response, Math.max(0, perMinute - ofMinute.length), (ofMinute[0] ?? now) + WINDOW_MS);
      if (ofMinute.length <= perMinute) return false;
      refuse(response, 429, { error: 'Rate limit exceeded', details: 'RATE_LIMIT_EXCEEDED' });
      return true;
    },
  };
}
