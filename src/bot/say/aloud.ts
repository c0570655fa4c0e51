import type { VoiceBasedChannel } from 'discord.js';
import { encodeOpus } from '../../audio/opus-encoder.ts';
import { UserError, unreachable } from '../../domain/errors.ts';
import { secondsOf } from '../../domain/text.ts';
import { SECOND_MS } from '../../domain/time.ts';
import type { Line, LineEnd } from '../../playback/line.ts';
import type { Bot } from '../bot.ts';
import type { Answer, Call } from '../command.ts';
import { speakerOf, wordDisclosure } from '../disclosure.ts';
import { whilePending } from '../pending.ts';
import { findVoiceObjection } from '../permissions.ts';
import { humansIn } from '../presence.ts';
import { quoteName, wordSeconds } from '../words.ts';
import { findObjection } from './objection.ts';
import type { ReadyLine, SayInteraction } from './ready-line.ts';
import { record } from './record.ts';

/** Speaks the line in the requester's voice channel, in its turn. */
export async function sayAloud(
  call: Call<SayInteraction>,
  ready: ReadyLine,
  channel: VoiceBasedChannel,
): Promise<Answer> {
  const { interaction, bot } = call;
  checkFree(bot, channel);
  await checkStillMuted(call, channel);
  const { waiting, serverWaiting } = await bot.guilds.policies.read(channel.guild.id);
  return await whilePending(bot, interaction, async () => {
    const line = makeLine(call, ready, channel);
    const why = await line.findObjection();
    if (why) throw new UserError({ code: 'E_WITHDRAWN', why });
    // Once more, without a pause before the channel is taken.
    checkFree(bot, channel);
    const place = { channelId: channel.id, waiting, serverWaiting };
    const end = await bot.sessions.enqueue(line, place);
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

/**
 * A mute goes with the bot and can only be lifted where it is, so it comes; only then is it known
 * whether it would be heard. @throws UserError E_BOT_MUTED.
 */
async function checkStillMuted(
  { bot, signal }: Call<SayInteraction>,
  channel: VoiceBasedChannel,
): Promise<void> {
  const { guild, id: channelId } = channel;
  if (!guild.members.me?.voice.serverMute) return;
  await bot.sessions.join({ guildId: guild.id, channelId }, { signal });
  if (guild.members.me.voice.serverMute) throw new UserError({ code: 'E_BOT_MUTED', channelId });
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
      return findVoiceObjection(member, channel) ?? (await findObjection(bot, ready));
    },
    started() {
      record(bot, ready, { output: 'voice', channelId: channel.id }).catch((error: unknown) => {
        bot.log.error({ err: error, id: utterance.id }, 'a line that is heard was not recorded');
      });
    },
    standsBehind({ lines, characters }) {
      const before = `${lines} before you, about ${wordSeconds(secondsOf(characters))}`;
      if (lines > 0) void progress({ content: `Waiting in ${what}: ${before}.` });
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
      return { content: `Spoken in <#${channelId}> as ${name}.`, vanishesAfterMs: 10 * SECOND_MS };
    case 'skipped':
    case 'stopped':
      return { content: `Your line was ${end.kind}${end.byOther ? ' by a moderator' : ''}.` };
    case 'left':
      return {
        content: `Your line was stopped: I have left <#${channelId}>. \`/join\` brings me back.`,
      };
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
