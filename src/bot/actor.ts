import type {
  AutocompleteInteraction,
  ButtonInteraction,
  ChatInputCommandInteraction,
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

/** Who acts, as the rules of a server see them; rights are those Discord sent with the interaction. */
export function actorOf(interaction: FromMember): Actor {
  const member = memberOf(interaction);
  const { channel } = interaction;
  return {
    userId: member.id,
    guildId: member.guild.id,
    channelId: interaction.channelId ?? '',
    parentChannelId: channel?.isThread() ? (channel.parentId ?? undefined) : undefined,
    roleIds: [...member.roles.cache.keys()],
    permissions: interaction.memberPermissions?.bitfield ?? 0n,
  };
}
