import {
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  InteractionContextType,
} from 'discord.js';
import type { Config } from '../config.ts';
import { UserError } from '../domain/errors.ts';
import type { Command } from './command.ts';

/**
 * Checks what Discord may let slip: a server command outside a server that installed the bot (a
 * user's own install, a group message), and a server the operator did not allow.
 * @throws UserError E_GUILD_ONLY, E_NOT_ALLOWED.
 */
export function checkPlace(
  interaction: ChatInputCommandInteraction | ButtonInteraction,
  { data }: Command,
  { ALLOWED_GUILDS: allowed }: Config,
): void {
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
  if (allowed.length > 0 && !allowed.includes(guildId))
    throw new UserError({ code: 'E_NOT_ALLOWED', why: 'not-allowed-guild' });
}
