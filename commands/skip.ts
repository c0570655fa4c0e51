import { SlashCommandBuilder } from 'discord.js';
import { actorOf } from '../src/bot/actor.ts';
import type { Command } from '../src/bot/command.ts';
import { ADDED_TO, IN_SERVERS } from '../src/bot/places.ts';
import { UserError } from '../src/domain/errors.ts';

const data = new SlashCommandBuilder()
  .setName('skip')
  .setDescription('Skip the line being spoken: your own, or any as a moderator')
  .setContexts(IN_SERVERS)
  .setIntegrationTypes(ADDED_TO);

export default {
  data: data.toJSON(),
  async run({ interaction, bot }) {
    const actor = actorOf(interaction);
    const isModerator = await bot.guilds.access.isModerator(actor);
    const skipped = bot.sessions.skip(actor.guildId, { userId: actor.userId, isModerator });
    if (!skipped) throw new UserError({ code: 'E_NOTHING_TO_SKIP', isModerator });
    return { content: `Skipped the line of <@${skipped.requester}>.` };
  },
} satisfies Command;
