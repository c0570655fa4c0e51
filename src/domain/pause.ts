import { setTimeout as sleep } from 'node:timers/promises';

/** Waits so long. @throws the signal's own reason when it aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0) return;
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // Its own error only wraps the reason.
    throw signal.reason;
  }
}
