import { SlashCommandBuilder } from 'discord.js';
import { memberOf } from '../src/bot/actor.ts';
import type { Command } from '../src/bot/command.ts';
import { ADDED_TO, IN_SERVERS } from '../src/bot/places.ts';
import { checkMayMove } from '../src/bot/presence.ts';
import { UserError } from '../src/domain/errors.ts';

const data = new SlashCommandBuilder()
  .setName('leave')
  .setDescription('Send me out of the voice channel')
  .setContexts(IN_SERVERS)
  .setIntegrationTypes(ADDED_TO);

export default {
  data: data.toJSON(),
  async run({ interaction, bot }) {
    const { guild } = memberOf(interaction);
    const channelId = bot.sessions.whereIs(guild.id);
    if (channelId === undefined) throw new UserError({ code: 'E_NOT_IN_VOICE' });
    await checkMayMove(bot, interaction, undefined);
    bot.sessions.leave(guild.id);
    return { content: `I have left <#${channelId}>.` };
  },
} satisfies Command;
