import type { ServerResponse } from 'node:http';

const WINDOW_MS = 60_000;

/** How many audio calls a minute, as each answer to one says. */
export function createLimits(requestsPerMinute: number) {
  let calls: number[] = [];

  return {
    /** Counts a call and tells its answer how the count stands. @returns whether it is too many. */
    count(response: ServerResponse): boolean {
      const minuteAgo = Date.now() - WINDOW_MS;
      calls = [...calls.filter((at) => at > minuteAgo), Date.now()];
      const reset = Math.ceil(((calls[0] ?? Date.now()) + WINDOW_MS) / 1000);
      const left = Math.max(0, requestsPerMinute - calls.length);
      response.setHeader('x-ratelimit-limit-requests', String(requestsPerMinute));
      response.setHeader('x-ratelimit-remaining-requests', String(left));
      response.setHeader('x-ratelimit-reset-requests', String(reset));
      return calls.length > requestsPerMinute;
    },
  };
}
