import type { VoiceBasedChannel } from 'discord.js';
import { UserError, unreachable } from '../../domain/errors.ts';
import type { Line, LineEnd } from '../../playback/line.ts';
import { actorOf } from '../actor.ts';
import type { Bot } from '../bot.ts';
import type { Answer, Call } from '../command.ts';
import { speakerOf, wordDisclosure } from '../disclosure.ts';
import { quoteName, wordSeconds } from '../markup.ts';
import { findVoiceObjection } from '../permissions.ts';
import { enter, humansIn } from '../presence.ts';
import { isStage, takeStage } from '../stage.ts';
import { watchObjections } from './objection.ts';
import type { ReadyLine, SayInteraction } from './ready-line.ts';
import { record } from './record.ts';

/** Who speaks for longer is told when it begins; of a shorter line its end is the only answer, if it need not be let. */
const LONG_SECONDS = 15;

/** Speaks the line in the requester's voice channel, in its turn. */
export async function sayAloud(
  call: Call<SayInteraction>,
  ready: ReadyLine,
  channel: VoiceBasedChannel,
): Promise<Answer> {
  const { bot } = call;
  checkFree(bot, channel);
  await enterFirst(call, ready, channel);
  const { waiting, serverWaiting } = await bot.guilds.policies.read(channel.guild.id);
  const line = makeLine(call, ready, channel);
  await call.ticket.turn;
  const objection = await line.findObjection();
  if (objection) throw new UserError({ code: 'E_WITHDRAWN', ...objection });
  // Once more, without a pause before the channel is taken.
  checkFree(bot, channel);
  const ending = bot.sessions.enqueue(line, { channelId: channel.id, waiting, serverWaiting });
  call.ticket.pass();
  return wordEnd(await ending, line.channelId, quoteName(nameOf(ready)));
}

/** Busy elsewhere with listeners: never moved away from them. @throws UserError E_BUSY_ELSEWHERE. */
export function checkFree({ sessions, client }: Bot, channel: VoiceBasedChannel): void {
  const elsewhere = sessions.whereIs(channel.guild.id);
  if (elsewhere === undefined || elsewhere === channel.id) return;
  if (humansIn({ client }, elsewhere).length > 0)
    throw new UserError({ code: 'E_BUSY_ELSEWHERE', channelId: elsewhere });
}

/**
 * A mute goes with the bot and can only be lifted where it is, and who comes to a stage is heard
 * only once it is let: the bot comes before anything is spent.
 * @throws UserError E_BOT_MUTED, and whatever else keeps it away.
 */
async function enterFirst(
  { bot, signal }: Call<SayInteraction>,
  { member }: ReadyLine,
  channel: VoiceBasedChannel,
): Promise<void> {
  const { me } = channel.guild.members;
  if (!isStage(channel) && !me?.voice.serverMute) return;
  await enter(bot, { member, channel }, { signal });
}

/** @returns the line, which knows where it is heard: a moderator may take the bot elsewhere. */
function makeLine(
  call: Call<SayInteraction>,
  ready: ReadyLine,
  channel: VoiceBasedChannel,
): Line & { readonly channelId: string } {
  const { interaction, bot, progress } = call;
  const { utterance, voice, member, actor } = ready;
  const { departures } = bot;
  const objections = watchObjections(bot);
  let channelId = channel.id;
  let isQueued = false;
  let wasHeld = false;
  let isHeard = false;
  const what = () => `<#${channelId}> as ${quoteName(nameOf(ready))}`;
  const here = () => {
    const moved = bot.client.channels.cache.get(channelId);
    return moved?.isVoiceBased() ? moved : channel;
  };
  return {
    get channelId() {
      return channelId;
    },
    id: utterance.id,
    requester: member.id,
    guildId: actor.guildId,
    label: nameOf(ready),
    seconds: utterance.seconds,
    disclosure: wordDisclosure(speakerOf(voice, member.id), member.id),
    packets: ({ signal }) => utterance.live({ signal }),
    async findObjection() {
      const where = here();
      // It is not paid for nobody; one that has begun goes on, as they may come back.
      if (!isHeard && humansIn(bot, where.id).length === 0) return { why: 'nobody' };
      // A gateway that began anew knows everybody anew.
      const asker = channel.guild.members.cache.get(member.id) ?? member;
      const places = where === channel ? actor : actorOf(interaction, where);
      const why = findVoiceObjection(asker, where);
      if (why) return { why };
      const objection = await objections({ ...ready, member: asker, actor: places });
      if (objection) return objection;
      // No line waits to be heard until Discord has answered; one that is heard goes on meanwhile.
      const hasLeft = isHeard ? await departures.look(asker) : departures.hasLeft(asker);
      return hasLeft ? { why: 'departed' } : undefined;
    },
    started() {
      isHeard = true;
      if (wasHeld || utterance.seconds > LONG_SECONDS)
        void progress({ content: `You are heard in ${what()}. \`/stop\` ends it.` });
      void record(bot, ready, { id: utterance.id, output: 'voice', channelId });
    },
    movedTo(to) {
      channelId = to;
    },
    standsBehind({ lines, seconds }) {
      const before = `${lines} before you, about ${wordSeconds(seconds)}`;
      if (lines > 0) void progress({ content: `Waiting in ${what()}: ${before}.` });
      else if (isQueued) void progress({ content: `Your turn in ${what()}.` });
      isQueued = true;
    },
    suppressed() {
      wasHeld = true;
      void askToSpeak(call, here());
    },
  };
}

/** The line waits meanwhile; whether it was let, the bot hears from Discord. */
async function askToSpeak(
  { bot, progress }: Call<SayInteraction>,
  stage: VoiceBasedChannel,
): Promise<void> {
  if (!isStage(stage)) return;
  try {
    if ((await takeStage(stage)) === 'speaker') return;
    await progress({
      content: `I have asked to speak on <#${stage.id}>: a moderator of it must let me. Your line waits for up to a minute.`,
    });
  } catch (error) {
    bot.log.warn({ err: error, channel: stage.id }, 'a stage could not be asked for');
  }
}

function nameOf({ voice }: Pick<ReadyLine, 'voice'>): string {
  return voice.kind === 'own' ? voice.voice.name : voice.stock.name;
}

/** @throws what made the line fail, for the router to word. */
function wordEnd(end: LineEnd, channelId: string, name: string): Answer {
  switch (end.kind) {
    case 'spoken':
      return { content: `Spoken in <#${channelId}> as ${name}.`, vanishes: true };
    case 'skipped':
    case 'stopped':
      return end.byOther
        ? { content: `Your line was ${end.kind} by a moderator.` }
        : { content: `Your line was ${end.kind}.`, vanishes: true };
    case 'left':
      return {
        content: end.isAlone
          ? `Your line was stopped: nobody was left in <#${channelId}> to hear it.`
          : `Your line was stopped: I was sent out of <#${channelId}>. \`/join\` brings me back.`,
      };
    case 'withdrawn':
      throw new UserError({ code: 'E_WITHDRAWN', ...end });
    case 'called-away':
      throw new UserError({ code: 'E_VOICE_MOVED', channelId, to: end.to });
    case 'removed':
      throw new UserError({ code: 'E_VOICE_REMOVED', channelId });
    case 'lost':
      throw new UserError({ code: 'E_VOICE_LOST', channelId });
    case 'shutdown':
      throw new UserError(
        end.wasBegun ? { code: 'E_CUT_SHORT', channelId } : { code: 'E_STOPPING' },
      );
    case 'failed':
      throw end.error;
    default:
      return unreachable(end);
  }
}
