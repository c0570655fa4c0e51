import { ApplicationIntegrationType, InteractionContextType } from 'discord.js';

/** Where a command can be used: only in servers, or in the bot's direct messages too. */
export const IN_SERVERS = [InteractionContextType.Guild];
export const IN_SERVERS_AND_MESSAGES = [InteractionContextType.Guild, InteractionContextType.BotDM];
/** The bot is added to servers, never to a user. */
export const ADDED_TO = [ApplicationIntegrationType.GuildInstall];
