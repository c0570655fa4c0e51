import { NotAudioError } from '../audio/not-audio-error.ts';
import { VeniceError } from '../venice/errors.ts';

/** Whether it is the first time, or what came then was no good. */
export interface Asking {
  readonly isRepeat: boolean;
}

/** Asks once more where what came is no good, and another answer may be. */
export async function askTwice<T>(ask: (asking: Asking) => Promise<T>): Promise<T> {
  try {
    return await ask({ isRepeat: false });
  } catch (error) {
    if (!isBadAnswer(error)) throw error;
    return await ask({ isRepeat: true });
  }
}

/** No sound, not all of it, or an answer that broke off; neither a refusal nor one that never came. */
export function isBadAnswer(error: unknown): boolean {
  if (error instanceof NotAudioError) return true;
  if (!(error instanceof VeniceError)) return false;
  return error.kind === 'bad-answer' || (error.kind === 'network' && error.isSpent);
}
