import { type Problem, UserError } from '../domain/errors.ts';
import { VeniceError, type VeniceErrorKind } from '../venice/errors.ts';

/** Whether a recording is of no use as a sample, by our judgement or by the provider's. */
export function isRefusedRecording(error: unknown): boolean {
  if (error instanceof UserError) return isOfRecording(error.problem);
  return isRefusedByProvider(error);
}

/** Whether the provider will not take this recording: it would not take it a second time either. */
export function isRefusedByProvider(error: unknown): boolean {
  return error instanceof VeniceError && REFUSALS.includes(error.kind);
}

const REFUSALS: readonly VeniceErrorKind[] = ['rejected', 'not-understood', 'too-large'];

/** The other problems with attachments are faults of Discord's file server, or of the address. */
function isOfRecording({ code }: Problem): boolean {
  return ['E_ATT_TYPE', 'E_ATT_EMPTY', 'E_ATT_BIG'].includes(code) || code.startsWith('E_AUDIO_');
}
