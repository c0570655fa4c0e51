import { UserError } from '../domain/errors.ts';
import { createRecent } from '../domain/recent.ts';
import { type Clock, MINUTE_MS } from '../domain/time.ts';
import type { Handle } from '../domain/voice.ts';
import type { CloneMoney, Upload } from '../guilds/clone-money.ts';
import { VeniceError } from '../venice/errors.ts';
import type { Till } from '../venice/till.ts';
import type { Venice } from '../venice/venice.ts';

/** Recordings on their way to the provider, each paid for. */
export interface Uploads {
  /**
   * Reserves the fee, has the recording cloned, and settles. Where the answer is lost the fee counts
   * as spent, and for ten minutes the same voice is not renewed again, and the same member makes no
   * other clone.
   * @throws UserError E_CLONES, E_RATE, E_RENEWAL_BUDGET, E_CLONE_LOST; VeniceError.
   */
  upload(
    sample: { readonly model: string; readonly wav: Uint8Array },
    upload: Upload,
    options: { signal: AbortSignal },
  ): Promise<Handle>;
}

const LOST_PAUSE_MS = 10 * MINUTE_MS;

export function createUploads(options: {
  venice: Pick<Venice, 'cloneVoice'>;
  money: CloneMoney;
  clock: Clock;
}): Uploads {
  const { venice, money, clock } = options;
  /** The voices, and the members, that an answer was lost for. */
  const losses = createRecent({ lifeMs: LOST_PAUSE_MS, clock });

  return {
    async upload(sample, upload, { signal }) {
      const { kind, terms } = upload;
      const whose = upload.kind === 'clone' ? upload.userId : upload.voice;
      const lost = new UserError({ code: 'E_CLONE_LOST', what: kind });
      if (losses.has(whose)) throw lost;
      const reservation = await money.reserve(upload);
      const { till, isSpent } = openTill();
      try {
        const { id } = await venice.cloneVoice(sample, { signal, till });
        return { id, expiresAt: clock() + terms.retentionMs };
      } catch (error) {
        if (!(error instanceof VeniceError && error.isSpent)) throw error;
        losses.add(whose);
        throw new UserError(lost.problem, { cause: error });
      } finally {
        const microUsd = money.priceOf(terms) ?? 0;
        await (isSpent() ? reservation.settle({ microUsd, characters: 0 }) : reservation.release());
      }
    },
  };
}

/** Knows whether a try went out of which the provider may have made something. */
function openTill(): { till: Till; isSpent: () => boolean } {
  let isSpent = false;
  const till: Till = {
    charge() {
      isSpent = true;
      return Promise.resolve();
    },
    answered: () => undefined,
    giveBack() {
      isSpent = false;
    },
  };
  return { till, isSpent: () => isSpent };
}
