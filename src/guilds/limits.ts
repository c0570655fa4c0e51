import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { UserError } from '../domain/errors.ts';
import type { MemberRef, Snowflake } from '../domain/ids.ts';
import { CLONES_PER_DAY, LINES_BURST } from '../domain/limits.ts';
import { type Clock, DAY_MS, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import type { Audit } from '../store/audit.ts';
import type { Policies } from './policy.ts';

/** How often a member may do things. */
export interface Limits {
  /** Counts a line: a burst, then the server's steady rate. @throws UserError E_RATE. */
  takeLine(member: { userId: Snowflake; guildId: Snowflake | undefined }): Promise<void>;
  /** @throws UserError E_RATE when the day's clones are made. */
  checkClones(member: MemberRef): Promise<void>;
}

/** What holds in direct messages, where no server decides. */
const PRIVATE = { linesPerMinute: 6 };

export function createLimits(options: { policies: Policies; audit: Audit; clock: Clock }): Limits {
  const { policies, audit, clock } = options;
  // Servers choose among few rates; members share the limiter of their server's rate.
  const limiters = new Map<number, BurstyRateLimiter>();

  return {
    async takeLine({ userId, guildId }) {
      const { linesPerMinute } = guildId === undefined ? PRIVATE : await policies.read(guildId);
      const limiter = limiters.get(linesPerMinute) ?? makeLimiter(linesPerMinute);
      limiters.set(linesPerMinute, limiter);
      try {
        await limiter.consume(`${guildId ?? 'private'}:${userId}`);
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        const until = clock() + refused.msBeforeNext;
        throw new UserError({ code: 'E_RATE', what: 'lines', until });
      }
    },

    async checkClones(member) {
      const { times, firstAt = 0 } = await audit.count(member, 'clone', clock() - DAY_MS);
      if (times >= CLONES_PER_DAY)
        throw new UserError({ code: 'E_RATE', what: 'clones', until: firstAt + DAY_MS });
    },
  };
}

/**
 * One line each so many seconds, beside a store of extra lines. It fills again in ten minutes:
 * filled each minute it would be a second rate on top of the steady one.
 */
function makeLimiter(linesPerMinute: number): BurstyRateLimiter {
  const steady = MINUTE_MS / SECOND_MS / linesPerMinute;
  return new BurstyRateLimiter(
    new RateLimiterMemory({ keyPrefix: `steady-${linesPerMinute}`, points: 1, duration: steady }),
    new RateLimiterMemory({
      keyPrefix: `burst-${linesPerMinute}`,
      points: LINES_BURST - 1,
      duration: (10 * MINUTE_MS) / SECOND_MS,
    }),
  );
}
