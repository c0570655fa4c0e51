import type { Message } from 'discord.js';
import { UserError } from '../../domain/errors.ts';
import { utteranceOf } from '../../speech/make-file.ts';
import type { Bot } from '../bot.ts';
import type { Answer, Call } from '../command.ts';
import { speakerOf, wordDisclosure } from '../disclosure.ts';
import { notePost } from '../pending.ts';
import { wordPosted } from '../sent-post.ts';
import { findObjection } from './objection.ts';
import type { ReadyLine, SayInteraction } from './ready-line.ts';
import { record } from './record.ts';
import type { Way } from './wish.ts';

type PostedWay = Exclude<Way, { kind: 'voice' }>;

/**
 * Posts the line where it was asked for, as a file or a native voice message.
 * @param id names the post: under the same id it is not made twice.
 */
export async function sayInPost(
  call: Call<SayInteraction>,
  line: ReadyLine,
  way: PostedWay,
  id: string,
): Promise<Answer> {
  const { interaction, bot } = call;
  const posted = await post(call, line, way, id);
  const utteranceId = utteranceOf(posted.attachments.first()?.name ?? '') ?? line.utterance.id;
  await record(bot, line, {
    id: utteranceId,
    output: way.kind,
    channelId: interaction.channelId,
  });
  return { content: wordPosted(way.kind === 'file' ? 'file' : 'voice message', posted.url) };
}

async function post(
  { interaction, bot, signal }: Call<SayInteraction>,
  line: ReadyLine,
  way: PostedWay,
  id: string,
): Promise<Message> {
  const { utterance, voice, member } = line;
  const disclosure = wordDisclosure(speakerOf(voice, member.id), member.id);
  const channelId = interaction.channelId;
  if (way.kind === 'file') {
    const { bytes, filename } = await utterance.file(way.format, { signal });
    if (bytes.byteLength > interaction.attachmentSizeLimit)
      throw new UserError({ code: 'E_FILE_BIG', format: way.format });
    await checkStillAllowed(bot, line);
    await notePost(bot, interaction, { channelId, filename, what: 'file' });
    return await bot.posts.file(channelId, { disclosure, filename, bytes }, { id, signal });
  }
  const { bytes, filename, sound } = await utterance.file('ogg', { signal });
  if (!sound) throw new Error('An Ogg file was made without knowing its sound');
  await checkStillAllowed(bot, line);
  await notePost(bot, interaction, { channelId, filename, what: 'voice message' });
  const voiceMessage = { disclosure, filename, bytes, ...sound };
  return await bot.posts.voiceMessage(channelId, voiceMessage, { id, signal });
}

/** Making the sound took its time, and much can have been said against it meanwhile. */
async function checkStillAllowed(bot: Bot, line: ReadyLine): Promise<void> {
  const hasLeft = await bot.departures.look(line.member);
  const objection = hasLeft ? { why: 'departed' as const } : await findObjection(bot, line);
  if (objection) throw new UserError({ code: 'E_WITHDRAWN', ...objection });
}
