import { HTTPError } from 'discord.js';
import type { Logger } from 'pino';
import { abortable } from '../domain/abortable.ts';
import { pause } from '../domain/pause.ts';
import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';

const FIRST_PAUSE_MS = SECOND_MS;
const LONGEST_PAUSE_MS = MINUTE_MS;

/**
 * Asks Discord until it is there: a machine may be up before its network, and outages pass. Each
 * pause is twice as long as the one before.
 * @throws whatever else fails, and the signal's reason.
 */
export async function untilReached<T>(
  ask: () => Promise<T>,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    try {
      return await abortable(ask(), signal);
    } catch (error) {
      if (!isAway(error)) throw error;
      const seconds = pauseMs / SECOND_MS;
      log.warn({ err: error, seconds }, 'Discord cannot be reached; it is asked again in a while');
      await pause(pauseMs, signal);
    }
  }
}

/** Whether Discord could not be reached, or could only say that it cannot answer. */
export function isAway(error: unknown): boolean {
  if (error instanceof HTTPError) return error.status >= 500;
  if (!(error instanceof Error)) return false;
  // `fetch` fails with a TypeError for whatever reason, and names the reason as its cause.
  const isNetwork = error instanceof TypeError && error.cause instanceof Error;
  const isTimeout = error.name === 'AbortError' || error.name === 'TimeoutError';
  return isNetwork || isTimeout || Reflect.get(error, 'code') === 'ECONNRESET';
}
