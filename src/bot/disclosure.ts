import type { Snowflake } from '../domain/ids.ts';
import type { SpokenVoice } from '../domain/voice.ts';
import { quoteName } from './markup.ts';

/** Whose voice is heard: the member who owns it, or a stock voice, which is nobody's. */
export type Speaker =
  | { readonly kind: 'owner'; readonly userId: Snowflake }
  | { readonly kind: 'stock'; readonly name: string };

/** Who is heard when this member asks for this voice. */
export function speakerOf(voice: SpokenVoice, ownerId: Snowflake): Speaker {
  return voice.kind === 'own'
    ? { kind: 'owner', userId: ownerId }
    : { kind: 'stock', name: voice.stock.name };
}

/** What every post says: that it is an AI voice, whose, and who asked for it where that is another. */
export function wordDisclosure(speaker: Speaker, requesterId: Snowflake): string {
  const whose =
    speaker.kind === 'owner'
      ? `AI voice of <@${speaker.userId}>`
      : `AI voice (stock voice ${quoteName(speaker.name)}, nobody's own)`;
  const isOwn = speaker.kind === 'owner' && speaker.userId === requesterId;
  return isOwn ? `🤖 ${whose}` : `🤖 ${whose}, asked for by <@${requesterId}>`;
}
