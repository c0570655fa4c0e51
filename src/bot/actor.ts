import type {
  AutocompleteInteraction,
  ButtonInteraction,
  ChatInputCommandInteraction,
  GuildBasedChannel,
  GuildMember,
} from 'discord.js';
import { UserError } from '../domain/errors.ts';
import type { Actor } from '../guilds/access.ts';
import type { UnseenThreads } from './unseen-threads.ts';

type FromMember = ChatInputCommandInteraction | ButtonInteraction | AutocompleteInteraction;

/** The member of a server behind an interaction. @throws UserError E_GUILD_ONLY. */
export function memberOf(interaction: FromMember): GuildMember {
  if (!interaction.inCachedGuild()) throw new UserError({ code: 'E_GUILD_ONLY' });
  return interaction.member;
}

/**
 * Who acts, as the rules of a server see them; rights are those Discord sent with the interaction.
 * @param heardIn the voice channel where it is heard; left out, what comes of it comes where it was
 * typed, whose rules are unknown in a private thread that the bot is not in (but see `actorHere`).
 * @throws UserError E_GUILD_ONLY.
 */
export function actorOf(interaction: FromMember, heardIn?: GuildBasedChannel): Actor {
  const member = memberOf(interaction);
  return {
    userId: member.id,
    guildId: member.guild.id,
    places: placesOf(heardIn ?? interaction.channel),
    roleIds: [...member.roles.cache.keys()],
    permissions: interaction.memberPermissions?.bitfield ?? 0n,
  };
}

/** The same where it was typed, also in a private thread that the bot is not in. */
export function actorHere(
  interaction: FromMember,
  { threads }: { readonly threads: UnseenThreads },
): Actor {
  const actor = actorOf(interaction);
  const { channel, channelId, guild } = interaction;
  if (channel || channelId === null) return actor;
  const parent = guild?.channels.cache.get(threads.parentOf(channelId) ?? '');
  return { ...actor, places: [channelId, ...placesOf(parent)] };
}

/** A channel, the one it is a thread of, and the category that is in. */
function placesOf(channel: FromMember['channel'] | GuildBasedChannel | undefined): string[] {
  if (!channel || channel.isDMBased()) return [];
  const { id, parentId, parent } = channel;
  return [id, parentId, parent?.parentId].filter((place) => typeof place === 'string');
}
