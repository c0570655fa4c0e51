import type { Logger } from 'pino';
import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { isBusy, isDiskFull } from './store-error.ts';

/** Pauses before it is tried again, each beyond how long the store itself waits. */
const AGAIN_MS = [10 * SECOND_MS, MINUTE_MS];

/**
 * Writes what is left to be noted once the thing itself is done, which must not become an error for
 * that: where another process holds the database, or the disk is full, it is tried again later, and in
 * the end the log says in a sentence what is missing.
 * @param missing that sentence.
 * @returns after the first try.
 */
export async function keepBooks(
  write: () => Promise<void>,
  { missing, log }: { missing: string; log: Logger },
  [pauseMs, ...pauses]: readonly number[] = AGAIN_MS,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    const again = () => void keepBooks(write, { missing, log }, pauses);
    const mayPass = isBusy(error) || isDiskFull(error);
    if (!mayPass) log.error({ err: error }, missing);
    else if (pauseMs === undefined) log.warn({ err: error }, missing);
    else setTimeout(again, pauseMs).unref();
  }
}
