import type { Logger } from 'pino';
import { UserError } from '../domain/errors.ts';
import { keepBooks } from './bookkeeping.ts';
import type { Reserve } from './reserve.ts';
import { isBusy, isDiskFull } from './store-error.ts';

/** Deletes for good, also where the disk is full. */
export interface Deletion {
  /**
   * @param whole one transaction.
   * @param inParts what of it can be done before, a transaction each, where there is little room.
   * @throws UserError E_DISK_FULL where there is not even the room that a deletion needs.
   */
  run(whole: () => Promise<void>, inParts?: () => AsyncIterable<void>): Promise<void>;
  /** Takes what was deleted out of the log and the cache, now or a little later. */
  erase(): Promise<void>;
}

export function createDeletion(options: {
  /** Moves the log into the database file and empties it. */
  checkpoint: () => Promise<void>;
  /** Deletes the files of what was deleted. */
  sweep: () => Promise<void>;
  reserve: Reserve;
  log: Logger;
}): Deletion {
  const { checkpoint, sweep, reserve, log } = options;

  const erase = async () => {
    await keepBooks(checkpoint, {
      missing: 'what was deleted is still in the log of the database',
      log,
    });
    await keepBooks(sweep, { missing: 'what was deleted is still in the cache', log });
  };

  const clear = async () => {
    await erase();
    await reserve.fill();
  };

  /** What the log holds takes the room of what comes; where somebody reads it, it stays. */
  const makeRoom = async () => {
    await checkpoint().catch((error: unknown) => {
      if (!isBusy(error) && !isDiskFull(error)) throw error;
    });
  };

  return {
    erase,

    async run(whole, inParts) {
      try {
        await whole();
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        await reserve.release();
        await withLittleRoom(whole, inParts).finally(clear);
        return;
      }
      await clear();
    },
  };

  async function withLittleRoom(
    whole: () => Promise<void>,
    inParts: (() => AsyncIterable<void>) | undefined,
  ): Promise<void> {
    try {
      await makeRoom();
      for await (const _ of inParts?.() ?? []) await makeRoom();
      await whole();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      throw new UserError({ code: 'E_DISK_FULL', what: 'delete' }, { cause: error });
    }
  }
}
