import type { AttachmentPayload } from 'discord.js';
import type { Voice } from '../domain/voice.ts';
import type { Bot } from './bot.ts';
import { quoteName } from './markup.ts';

/**
 * Goes with the question whether a voice may be deleted: its recording, so that its owner has it
 * before it is gone, and the sentence that says so; both empty where none was kept.
 */
export async function handBack(
  { store }: Pick<Bot, 'store'>,
  { id, name }: Pick<Voice, 'id' | 'name'>,
): Promise<{ words: string; files: AttachmentPayload[] }> {
  const sample = await store.voices.readSample(id);
  if (!sample) return { words: '', files: [] };
  return {
    words: ` The recording of ${quoteName(name)} is attached, if you want to keep it for yourself.`,
    files: [{ attachment: Buffer.from(sample), name: 'my-recording.wav' }],
  };
}
