import type { ChatInputCommandInteraction, GuildMember, VoiceBasedChannel } from 'discord.js';
import { UserError } from '../domain/errors.ts';
import { actorOf, memberOf } from './actor.ts';
import type { Bot } from './bot.ts';
import { checkMayBring } from './permissions.ts';

/**
 * Whether this member may take the bot out of the channel it is in: moderators may; others only
 * while nobody else human is there.
 * @param to the channel it shall be in then; staying is always allowed.
 * @throws UserError E_OTHERS_LISTENING.
 */
export async function checkMayMove(
  bot: Bot,
  interaction: ChatInputCommandInteraction,
  to: string | undefined,
): Promise<void> {
  const member = memberOf(interaction);
  const channelId = bot.sessions.whereIs(member.guild.id);
  if (channelId === undefined || channelId === to) return;
  const others = humansIn(bot, channelId).filter((id) => id !== member.id);
  if (others.length === 0) return;
  if (await bot.guilds.access.isModerator(actorOf(interaction))) return;
  throw new UserError({ code: 'E_OTHERS_LISTENING', channelId });
}

/**
 * Brings the bot into a channel for a member.
 * @throws UserError E_BOT_MUTED once it is there, where a moderator can unmute it; E_VOICE_CONNECT, or
 * what has come between since it was checked, such as E_CHANNEL_FULL: Discord itself says nothing
 * where the bot may not enter.
 */
export async function enter(
  { sessions }: Bot,
  { member, channel }: { member: GuildMember; channel: VoiceBasedChannel },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  try {
    await sessions.join({ guildId: channel.guild.id, channelId: channel.id }, { signal });
  } catch (error) {
    checkMayBring(member, channel);
    throw error;
  }
  if (channel.guild.members.me?.voice.serverMute)
    throw new UserError({ code: 'E_BOT_MUTED', channelId: channel.id });
}

/** The ids of the people in a voice channel, without bots. */
export function humansIn({ client }: Pick<Bot, 'client'>, channelId: string): readonly string[] {
  const channel = client.channels.cache.get(channelId);
  if (!channel?.isVoiceBased()) return [];
  return channel.members.filter(({ user }) => !user.bot).map(({ id }) => id);
}
