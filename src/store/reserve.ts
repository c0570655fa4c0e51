import { randomBytes } from 'node:crypto';
import { rm, stat, writeFile } from 'node:fs/promises';
import type { Logger } from 'pino';

/** Room on the disk that is kept for deletions: SQLite writes to its log what it deletes. */
export interface Reserve {
  /** Takes what is missing of it, or as much as there is. */
  fill(): Promise<void>;
  /** Gives it up. */
  release(): Promise<void>;
}

/** More than the log of the largest voice: a minute of recording has 2.9 MB. */
const BYTES = 4 * 1_048_576;

/** @param path of the file that takes the room. */
export function createReserve(path: string, log: Logger): Reserve {
  return {
    async fill() {
      const file = await stat(path).catch(() => undefined);
      if (file?.size === BYTES) return;
      try {
        // Random, or a file system that compresses would keep no room at all.
        await writeFile(path, randomBytes(BYTES), { mode: 0o600 });
      } catch (error) {
        log.warn({ err: error }, 'the room that deletions may need could not be kept');
      }
    },

    release: () => rm(path, { force: true }),
  };
}
