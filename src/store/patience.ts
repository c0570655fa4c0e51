import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND_MS } from '../domain/time.ts';
import { isBusy } from './store-error.ts';

/** So long in all the lock of another process is waited for; then whoever asks is refused at once. */
const PATIENCE_MS = 5 * SECOND_MS;
/** Where nobody has asked for so long, nobody knows any more whether it is the same lock. */
const FORGOTTEN_MS = SECOND_MS;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;

/**
 * Makes a function that tries again while another process holds the database (a shell, a backup), by
 * timers, so that sound and gateway go on meanwhile.
 * @returns it throws SQLite's own error when the lock lasts.
 */
export function createPatience(): <T>(run: () => Promise<T>) => Promise<T> {
  let heldSince = 0;
  let seenAt = Number.NEGATIVE_INFINITY;

  return async (run) => {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        const result = await run();
        seenAt = Number.NEGATIVE_INFINITY;
        return result;
      } catch (error) {
        if (!isBusy(error)) throw error;
        const now = performance.now();
        if (now - seenAt > FORGOTTEN_MS) heldSince = now;
        seenAt = now;
        if (now - heldSince > PATIENCE_MS) throw error;
        await sleep(pauseMs);
      }
    }
  };
}
