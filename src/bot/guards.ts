import {
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  InteractionContextType,
} from 'discord.js';
import { UserError } from '../domain/errors.ts';
import type { Bot } from './bot.ts';
import type { Command } from './command.ts';
import { findMember } from './find-member.ts';

/**
 * Checks what Discord may let slip: a server command outside a server that installed the bot (a
 * user's own install, a group message), and bots.
 * @throws UserError E_GUILD_ONLY, E_NOT_ALLOWED.
 */
export function checkPlace(interaction: ChatInputCommandInteraction, { data }: Command): void {
  if (interaction.user.bot) throw new UserError({ code: 'E_NOT_ALLOWED', why: 'bot' });
  const { guildId } = interaction;
  if (guildId === null) {
    if (!data.contexts?.includes(InteractionContextType.BotDM))
      throw new UserError({ code: 'E_GUILD_ONLY' });
    if (interaction.context === InteractionContextType.PrivateChannel)
      throw new UserError({ code: 'E_GUILD_ONLY' });
    return;
  }
  if (!interaction.inCachedGuild()) throw new UserError({ code: 'E_GUILD_ONLY' });
  const installedIn = interaction.authorizingIntegrationOwners?.[0];
  if (installedIn !== undefined && installedIn !== guildId)
    throw new UserError({ code: 'E_GUILD_ONLY' });
}

/**
 * Checks that the operator allows this server; in direct messages, a server the member is in.
 * @throws UserError E_NOT_ALLOWED.
 */
export async function checkAllowed(
  { guildId, user }: ChatInputCommandInteraction | ButtonInteraction,
  { config: { ALLOWED_GUILDS: allowed }, client }: Pick<Bot, 'config' | 'client'>,
): Promise<void> {
  if (allowed.length === 0) return;
  if (guildId !== null) {
    if (allowed.includes(guildId)) return;
    throw new UserError({ code: 'E_NOT_ALLOWED', why: 'not-allowed-guild' });
  }
  for (const id of allowed) {
    const guild = client.guilds.cache.get(id);
    if (guild && (await findMember(guild, user.id))) return;
  }
  throw new UserError({ code: 'E_NOT_ALLOWED', why: 'not-allowed-member' });
}
