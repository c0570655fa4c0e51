import type {
  AutocompleteInteraction,
  ButtonInteraction,
  ChatInputCommandInteraction,
  GuildBasedChannel,
  GuildMember,
} from 'discord.js';
import { UserError } from '../domain/errors.ts';
import type { Actor } from '../guilds/access.ts';

type FromMember = ChatInputCommandInteraction | ButtonInteraction | AutocompleteInteraction;

/** The member of a server behind an interaction. @throws UserError E_GUILD_ONLY. */
export function memberOf(interaction: FromMember): GuildMember {
  if (!interaction.inCachedGuild()) throw new UserError({ code: 'E_GUILD_ONLY' });
  return interaction.member;
}

/**
 * Who acts, as the rules of a server see them; rights are those Discord sent with the interaction.
 * @param heardIn the voice channel where it is heard; left out, what comes of it comes where it was
 * typed.
 * @throws UserError E_GUILD_ONLY, E_BOT_PERMS where the bot may not see the channel: its rules are unknown.
 */
export function actorOf(interaction: FromMember, heardIn?: GuildBasedChannel): Actor {
  const member = memberOf(interaction);
  const { channelId } = interaction;
  const place = heardIn ?? interaction.channel;
  if (!place && channelId !== null)
    throw new UserError({ code: 'E_BOT_PERMS', permissions: ['View Channel'], channelId });
  return {
    userId: member.id,
    guildId: member.guild.id,
    places: placesOf(place),
    roleIds: [...member.roles.cache.keys()],
    permissions: interaction.memberPermissions?.bitfield ?? 0n,
  };
}

/** A channel, the one it is a thread of, and the category that is in. */
function placesOf(channel: FromMember['channel'] | GuildBasedChannel): string[] {
  if (!channel || channel.isDMBased()) return [];
  const { id, parentId, parent } = channel;
  return [id, parentId, parent?.parentId].filter((place) => typeof place === 'string');
}
