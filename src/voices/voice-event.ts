import type { Voice } from '../domain/voice.ts';

/** What happens to a voice and its owner should hear of, also where the line was somebody else's. */
export interface VoiceEvent {
  /** Line after line in it was refused, also after it was renewed. */
  readonly type: 'voice-refused';
  readonly voice: Voice;
}
