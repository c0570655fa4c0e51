import {
  ChannelType,
  type GuildMember,
  PermissionFlagsBits,
  type StageChannel,
  type VoiceBasedChannel,
  type VoiceState,
} from 'discord.js';
import type { Withdrawal } from '../domain/errors.ts';

/** A channel where only those are heard whom its moderators let speak; the others are its audience. */
export function isStage(channel: VoiceBasedChannel): channel is StageChannel {
  return channel.type === ChannelType.GuildStageVoice;
}

/** Whether a member is a speaker of a stage, as everybody is who may speak in another channel. */
export function isHeard({ voice }: GuildMember, channel: VoiceBasedChannel): boolean {
  return !isStage(channel) || (voice.channelId === channel.id && voice.suppress === false);
}

/**
 * Makes the bot a speaker of the stage it is in where it may do so itself, and else raises its hand.
 * @returns what its place is then, until Discord says otherwise.
 */
export async function takeStage({ guild, id }: StageChannel): Promise<'speaker' | 'asking'> {
  const { me } = guild.members;
  if (me?.voice.channelId !== id) throw new Error('The bot is not in that stage');
  if (!me.voice.suppress) return 'speaker';
  const mayDecide = me.voice.channel?.permissionsFor(me).has(PermissionFlagsBits.MuteMembers);
  if (mayDecide) await me.voice.setSuppressed(false);
  else if (me.voice.requestToSpeakTimestamp === null) await me.voice.setRequestToSpeak(true);
  return mayDecide ? 'speaker' : 'asking';
}

/** Why the lines of a bot whose own voice changed so cannot be heard any more, if they cannot. */
export function findSuppression(before: VoiceState, now: VoiceState): Withdrawal | undefined {
  const { channel, guild } = now;
  if (!now.suppress || !channel) return undefined;
  if (channel.id === guild.afkChannelId) return 'afk';
  if (!isStage(channel)) return 'bot-no-speak';
  // Who comes to a stage comes to its audience, and asks from there.
  if (before.channelId !== channel.id) return undefined;
  if (!before.suppress) return 'bot-audience';
  return before.requestToSpeakTimestamp && !now.requestToSpeakTimestamp ? 'not-let' : undefined;
}
