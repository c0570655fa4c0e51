import { abortable } from '../domain/abortable.ts';
import { type Clock, MINUTE_MS } from '../domain/time.ts';
import { VeniceError, type VeniceErrorKind } from './errors.ts';

/** The readiness call costs nothing, and is still asked no more often than this by itself. */
const ASKED_EVERY_MS = MINUTE_MS;

/** What only the operator can mend. */
export type Trouble = 'unauthorized' | 'no-balance';
export type AccessState = 'unknown' | 'ok' | Trouble;

/** What the readiness call shows of the key. */
export interface Readiness {
  readonly isPermitted: boolean;
  /** Whether there is anything to take from; a balance it does not tell may hold something. */
  readonly hasBalance: boolean;
}

/** Whether the key is let in and has money, as the last calls showed. */
export interface Access {
  state(): AccessState;
  /**
   * Lets out what costs; after the provider has refused for want of balance only once the readiness
   * call shows some again. @throws VeniceError 'no-balance'.
   */
  admit(options: { signal: AbortSignal }): Promise<void>;
  /** The same for what was admitted before, without asking. @throws VeniceError 'no-balance'. */
  check(): void;
  /** A call that costs was answered well. */
  granted(): void;
  refused(kind: VeniceErrorKind): void;
  learned(readiness: Readiness): void;
  /** Whether the readiness call finds the key good; undefined where it could not be asked. */
  isKeyGood(options: { signal: AbortSignal }): Promise<boolean | undefined>;
}

/**
 * @param options.ask makes the readiness call, whose answer is also told to `learned`.
 * @param options.onTrouble called once when access is lost, and again only after it came back.
 */
export function createAccess(options: {
  ask: () => Promise<Readiness>;
  clock: Clock;
  onTrouble?: ((trouble: Trouble) => void) | undefined;
}): Access {
  const { ask, clock, onTrouble } = options;
  let state: AccessState = 'unknown';
  let askedAt = Number.NEGATIVE_INFINITY;
  let answer: Promise<Readiness | undefined> = Promise.resolve(undefined);
  const told = new Set<Trouble>();

  function lose(trouble: Trouble): void {
    state = trouble;
    if (told.has(trouble)) return;
    told.add(trouble);
    onTrouble?.(trouble);
  }

  /** The last answer, where it is not old yet. */
  function readiness(): Promise<Readiness | undefined> {
    const sinceMs = clock() - askedAt;
    // Less than nothing: the clock was set back, and must not keep from asking for days.
    if (sinceMs >= 0 && sinceMs < ASKED_EVERY_MS) return answer;
    askedAt = clock();
    answer = ask().catch((error: unknown) => {
      const isRefused = error instanceof VeniceError && KEY_REFUSALS.includes(error.kind);
      return isRefused ? { isPermitted: false, hasBalance: false } : undefined;
    });
    return answer;
  }

  function check(): void {
    if (state !== 'no-balance') return;
    throw new VeniceError('no-balance', 'The provider lately had no balance to take from', {
      retryAt: Math.max(clock(), askedAt + ASKED_EVERY_MS),
    });
  }

  return {
    state: () => state,
    check,
    async admit({ signal }) {
      if (state === 'no-balance') await abortable(readiness(), signal);
      check();
    },
    granted() {
      state = 'ok';
      told.clear();
    },
    refused(kind) {
      if (KEY_REFUSALS.includes(kind)) lose('unauthorized');
      if (kind === 'no-balance') lose('no-balance');
    },
    learned({ isPermitted, hasBalance }) {
      if (!isPermitted) return lose('unauthorized');
      told.delete('unauthorized');
      // A key can have used up its own limit, which no balance shows: the next call tells.
      if (state !== 'no-balance' || hasBalance) state = 'ok';
    },
    async isKeyGood({ signal }) {
      return (await abortable(readiness(), signal))?.isPermitted;
    },
  };
}

const KEY_REFUSALS: readonly VeniceErrorKind[] = ['unauthorized', 'forbidden'];
