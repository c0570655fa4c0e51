import { abortable } from '../domain/abortable.ts';
import { type Problem, UserError, unreachable } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import type { LeaveReason } from './line.ts';

/** Those who wait for the bot to be heard in a channel. */
export interface Arrivals {
  /** @throws UserError where it will not come, or not stay. */
  next(options: { signal: AbortSignal }): Promise<void>;
  come(): void;
  /** It left, or goes elsewhere (`asked`), before it could be heard there. */
  giveUp(reason: LeaveReason, channelId: Snowflake): void;
}

export function createArrivals(): Arrivals {
  const waiting = new Set<PromiseWithResolvers<void>>();
  return {
    async next({ signal }) {
      const arrival = Promise.withResolvers<void>();
      waiting.add(arrival);
      await abortable(arrival.promise, signal).finally(() => waiting.delete(arrival));
    },
    come() {
      for (const { resolve } of waiting) resolve();
    },
    giveUp(reason, channelId) {
      for (const { reject } of waiting) reject(new UserError(problemOf(reason, channelId)));
    },
  };
}

function problemOf(reason: LeaveReason, channelId: Snowflake): Problem {
  switch (reason) {
    case 'removed':
      return { code: 'E_VOICE_REMOVED', channelId };
    case 'shutdown':
      return { code: 'E_STOPPING' };
    case 'lost':
      return { code: 'E_VOICE_CONNECT', channelId };
    case 'asked':
    case 'alone':
      return { code: 'E_CALLED_AWAY', channelId };
    default:
      return unreachable(reason);
  }
}
