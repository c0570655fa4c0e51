import type { Clock } from '../domain/time.ts';
import { type CallEnd, createBreaker } from './breaker.ts';
import { createLimiter, type Limiter } from './limiter.ts';

/** `refused`: with an answer that counts towards the provider's block of the key. */
export type LaneEnd = CallEnd | 'refused';

/** Calls that are counted together: those of one model, all uploads, or the questions that are free. */
export interface Lane {
  readonly limiter: Limiter;
  isPaused(): boolean;
  /** @throws VeniceError 'breaker-open' while no call may be made. */
  check(): void;
  /** Lets a call out, as a breaker does, and is told how it ended. @throws VeniceError 'breaker-open'. */
  enter(): (end: LaneEnd) => void;
}

export interface Lanes {
  /** The lane of that name, made on first sight. */
  of(name: string): Lane;
  /** The lanes on which no call is made for now, because too many failed. */
  paused(): readonly string[];
}

/**
 * The provider blocks a model for a key after more than 50 client errors in 30 s by its newer notes,
 * after more than 20 failures of whatever model by its page: we stop before either. What it fails
 * with itself (5xx, silence) is an outage of that model, and keeps only its own calls back. Calls of
 * several models that are out at the same time, and all refused, can still be more than twenty.
 */
const MOST_FAILURES_OF_LANE = 12;
const MOST_REFUSALS_OF_KEY = 20;

export function createLanes(clock: Clock): Lanes {
  const key = createBreaker(clock, MOST_REFUSALS_OF_KEY);
  const lanes = new Map<string, Lane>();

  function open(): Lane {
    const own = createBreaker(clock, MOST_FAILURES_OF_LANE);
    const unanswered = new Set<symbol>();
    // Only its own: a model that hangs must not keep others waiting.
    const hasRoom = () => [own, key].every((breaker) => breaker.hasRoomFor(unanswered.size + 1));
    const limiter = createLimiter(clock, hasRoom);
    const check = () => {
      key.check();
      own.check();
    };
    return {
      limiter,
      check,
      isPaused: () => [own, key].some((breaker) => breaker.state() === 'open'),
      enter() {
        check();
        const [endOwn, endKey] = [own.enter(), key.enter()];
        const call = Symbol('call');
        unanswered.add(call);
        return (end) => {
          unanswered.delete(call);
          endOwn(end === 'refused' ? 'failed' : end);
          if (end === 'refused') endKey('failed');
          else endKey(end === 'failed' ? 'abandoned' : end);
          limiter.look();
        };
      },
    };
  }

  return {
    of(name) {
      const lane = lanes.get(name) ?? open();
      lanes.set(name, lane);
      return lane;
    },
    paused: () => [...lanes].filter(([, lane]) => lane.isPaused()).map(([name]) => name),
  };
}
