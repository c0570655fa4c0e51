import { type Clock, MINUTE_MS } from '../domain/time.ts';
import { VeniceError, type VeniceErrorKind } from './errors.ts';

/** After a 402 nothing is tried for this long: each refusal counts as a failure of the key. */
export const NO_BALANCE_PAUSE_MS = 10 * MINUTE_MS;

/** What only the operator can mend. */
export type Trouble = 'unauthorized' | 'no-balance';
export type AccessState = 'unknown' | 'ok' | Trouble;

/** Whether the key is let in and has money, as the last calls showed. */
export interface Access {
  state(): AccessState;
  /** @throws VeniceError 'no-balance' for ten minutes after the provider said so. */
  checkBalance(): void;
  granted(): void;
  refused(kind: VeniceErrorKind): void;
}

/** @param options.onTrouble called once when access is lost, and again only after it came back. */
export function createAccess(options: {
  clock: Clock;
  onTrouble?: ((trouble: Trouble) => void) | undefined;
}): Access {
  const { clock, onTrouble } = options;
  let state: AccessState = 'unknown';
  let emptySince = Number.NEGATIVE_INFINITY;

  function lose(trouble: Trouble): void {
    if (state === trouble) return;
    state = trouble;
    onTrouble?.(trouble);
  }

  return {
    state: () => state,
    checkBalance() {
      const sinceMs = clock() - emptySince;
      // Less than nothing: the clock was set back, and must not stop the spending for days.
      if (sinceMs < 0 || sinceMs >= NO_BALANCE_PAUSE_MS) return;
      throw new VeniceError('no-balance', 'The provider lately had no balance to take from', {
        retryAt: emptySince + NO_BALANCE_PAUSE_MS,
      });
    },
    granted() {
      state = 'ok';
    },
    refused(kind) {
      if (kind === 'unauthorized' || kind === 'forbidden') lose('unauthorized');
      if (kind !== 'no-balance') return;
      emptySince = clock();
      lose('no-balance');
    },
  };
}
