import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { UserError } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import { LINES_BURST, REFUSED_RECORDINGS_PER_HOUR } from '../domain/limits.ts';
import { type Clock, HOUR_MS, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import type { Counters } from '../store/counters.ts';
import type { Policies } from './policy.ts';

/** How often a member may do things. */
export interface Limits {
  /** Counts a line: a burst, then the server's steady rate. @throws UserError E_RATE. */
  takeLine(member: { userId: Snowflake; guildId: Snowflake | undefined }): Promise<void>;
  /**
   * Takes a member's turn to post in a channel with slow mode, held until it is disposed of; by
   * then what was posted is counted. @throws UserError E_RATE.
   */
  takePost(post: Place & { pauseMs: number }): Promise<Disposable>;
  /** Counts a post, also beyond the deletion of all else: the pause of slow mode begins with it. */
  countPost(place: Place): Promise<void>;
  /** @throws UserError E_RATE when too many of the member's recordings were refused lately. */
  checkRecordings(userId: Snowflake): Promise<void>;
  /** Counts a recording that was fetched, decoded or uploaded in vain, also beyond the deletion of all else. */
  countRefused(userId: Snowflake): Promise<void>;
}

/** Where an account posts. */
interface Place {
  readonly userId: Snowflake;
  readonly channelId: Snowflake;
}

/** The longest pause that Discord's slow mode knows: so long a post has to be remembered. */
const LONGEST_PAUSE_MS = 6 * HOUR_MS;

/** What holds in direct messages, where no server decides. */
const PRIVATE = { linesPerMinute: 6 };

export function createLimits(options: {
  policies: Policies;
  counters: Counters;
  clock: Clock;
}): Limits {
  const { policies, counters, clock } = options;
  // Servers choose among few rates; members share the limiter of their server's rate.
  const limiters = new Map<number, Pick<BurstyRateLimiter, 'consume'>>();
  const posting = new Set<string>();
  const refused = new RateLimiterMemory({
    keyPrefix: 'refused-recordings',
    points: REFUSED_RECORDINGS_PER_HOUR,
    duration: HOUR_MS / SECOND_MS,
  });

  const postsOf = ({ userId, channelId }: Place) =>
    counters.nameFor(userId, `posts in ${channelId}`);

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

    async takePost({ pauseMs, ...place }) {
      const turn = postsOf(place);
      const last = ((await counters.endOf(turn)) ?? 0) - LONGEST_PAUSE_MS;
      const until = (posting.has(turn) ? clock() : last) + pauseMs;
      if (until > clock()) throw new UserError({ code: 'E_RATE', what: 'slow-mode', until });
      posting.add(turn);
      return { [Symbol.dispose]: () => posting.delete(turn) };
    },

    async countPost(place) {
      await counters.open({ name: postsOf(place), until: clock() + LONGEST_PAUSE_MS });
    },

    async checkRecordings(userId) {
      const counted = await refused.get(userId);
      if (!counted || counted.consumedPoints < REFUSED_RECORDINGS_PER_HOUR) return;
      const until = clock() + counted.msBeforeNext;
      throw new UserError({ code: 'E_RATE', what: 'recordings', until });
    },

    async countRefused(userId) {
      await refused.penalty(userId);
    },
  };
}

/** How many lines may come at once: never more than a minute's. */
export function burstOf(linesPerMinute: number): number {
  return Math.min(LINES_BURST, linesPerMinute);
}

/**
 * One line each so many seconds, beside a store of extra lines. It fills again in ten minutes:
 * filled each minute it would be a second rate on top of the steady one.
 */
function makeLimiter(linesPerMinute: number): Pick<BurstyRateLimiter, 'consume'> {
  const duration = MINUTE_MS / SECOND_MS / linesPerMinute;
  const steady = new RateLimiterMemory({
    keyPrefix: `steady-${linesPerMinute}`,
    points: 1,
    duration,
  });
  const points = burstOf(linesPerMinute) - 1;
  if (points === 0) return steady;
  const extra = new RateLimiterMemory({
    keyPrefix: `burst-${linesPerMinute}`,
    points,
    duration: (10 * MINUTE_MS) / SECOND_MS,
  });
  return new BurstyRateLimiter(steady, extra);
}
