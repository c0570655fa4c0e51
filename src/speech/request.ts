import type { MemberRef, Snowflake } from '../domain/ids.ts';
import type { SpokenVoice } from '../domain/voice.ts';
import type { SoundKey } from '../store/sound-cache.ts';
import type { ProviderFormat } from '../venice/models.ts';
import { saysSoundIsKept } from '../voices/consent.ts';

/** What is to be spoken; the text is already cleaned. */
export interface SpeechRequest {
  readonly text: string;
  readonly voice: SpokenVoice;
  readonly requester: MemberRef;
  /** The requester's account. */
  readonly userId: Snowflake;
  /** Undefined for what a member hears in private and the bot pays. */
  readonly guildId: Snowflake | undefined;
  readonly speed: number | undefined;
  readonly temperature: number | undefined;
}

/** What a piece is remembered by; undefined where its owner keeps nothing here, or has not agreed. */
export function keyOf(
  { requester, voice, speed, temperature }: SpeechRequest,
  text: string,
  format: ProviderFormat,
): SoundKey | undefined {
  const isKept =
    voice.kind === 'stock' ||
    (voice.voice.hasSample && saysSoundIsKept(voice.voice.consentVersion));
  if (!isKept) return undefined;
  const who = voice.kind === 'own' ? [voice.voice.model] : [voice.stock.model, voice.stock.id];
  return {
    member: requester,
    voice: voice.kind === 'own' ? voice.voice.id : undefined,
    recipe: JSON.stringify([format, who, text, speed ?? 1, temperature ?? null]),
  };
}
