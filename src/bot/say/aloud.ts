import type { VoiceBasedChannel } from 'discord.js';
import { encodeOpus } from '../../audio/opus-encoder.ts';
import { UserError, unreachable } from '../../domain/errors.ts';
import type { Line, LineEnd } from '../../playback/line.ts';
import type { Bot } from '../bot.ts';
import type { Answer, Call } from '../command.ts';
import { speakerOf, wordDisclosure } from '../disclosure.ts';
import { whilePending } from '../pending.ts';
import { humansIn } from '../presence.ts';
import { quoteName } from '../words.ts';
import { findObjection } from './objection.ts';
import type { ReadyLine, SayInteraction } from './ready-line.ts';

/** Speaks the line in the requester's voice channel, in its turn. */
export async function sayAloud(
  call: Call<SayInteraction>,
  ready: ReadyLine,
  channel: VoiceBasedChannel,
): Promise<Answer> {
  const { interaction, bot } = call;
  checkFree(bot, channel);
  const { waiting, serverWaiting } = await bot.guilds.policies.read(channel.guild.id);
  return await whilePending(bot, interaction, async () => {
    const place = { channelId: channel.id, waiting, serverWaiting };
    const end = await bot.sessions.enqueue(makeLine(call, ready, channel), place);
    return wordEnd(end, channel.id, quoteName(nameOf(ready)));
  });
}

/** Busy elsewhere with listeners: never moved away from them. @throws UserError E_BUSY_ELSEWHERE. */
function checkFree({ sessions, client }: Bot, channel: VoiceBasedChannel): void {
  const elsewhere = sessions.whereIs(channel.guild.id);
  if (elsewhere === undefined || elsewhere === channel.id) return;
  if (humansIn({ client }, elsewhere).length > 0)
    throw new UserError({ code: 'E_BUSY_ELSEWHERE', channelId: elsewhere });
}

function makeLine(
  { bot, progress }: Call<SayInteraction>,
  ready: ReadyLine,
  channel: VoiceBasedChannel,
): Line {
  const { utterance, voice, member, actor } = ready;
  const what = `<#${channel.id}> as ${quoteName(nameOf(ready))}`;
  let hasWaited = false;
  return {
    id: utterance.id,
    requester: member.id,
    guildId: actor.guildId,
    label: nameOf(ready),
    characters: utterance.characters,
    disclosure: wordDisclosure(speakerOf(voice, member.id), member.id),
    async *packets({ signal }) {
      yield* encodeOpus(await utterance.live({ signal }));
    },
    async findObjection() {
      if (member.voice.serverMute) return 'muted';
      if (channel.guild.members.me?.voice.serverMute) return 'bot-muted';
      return await findObjection(bot, ready);
    },
    standsBehind(before) {
      if (before > 0) void progress({ content: `Waiting in ${what}: ${before} before you.` });
      else if (hasWaited) void progress({ content: `Your turn in ${what}.` });
      hasWaited = true;
    },
  };
}

function nameOf({ voice }: Pick<ReadyLine, 'voice'>): string {
  return voice.kind === 'own' ? voice.voice.name : voice.stock.name;
}

/** @throws what made the line fail, for the router to word. */
function wordEnd(end: LineEnd, channelId: string, name: string): Answer {
  switch (end.kind) {
    case 'spoken':
      return { content: `Spoken in <#${channelId}> as ${name}.` };
    case 'skipped':
      return { content: 'Your line was skipped.' };
    case 'stopped':
      return { content: 'Your line was stopped.' };
    case 'withdrawn':
      throw new UserError({ code: 'E_WITHDRAWN', why: end.why });
    case 'lost':
      throw new UserError({ code: 'E_VOICE_LOST', channelId });
    case 'shutdown':
      throw new UserError({ code: end.wasBegun ? 'E_INTERRUPTED' : 'E_STOPPING' });
    case 'failed':
      throw end.error;
    default:
      return unreachable(end);
  }
}
