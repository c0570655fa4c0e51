import { SlashCommandBuilder } from 'discord.js';
import { actorOf } from '../src/bot/actor.ts';
import type { Command } from '../src/bot/command.ts';
import { ADDED_TO, IN_SERVERS } from '../src/bot/places.ts';
import { UserError } from '../src/domain/errors.ts';

const data = new SlashCommandBuilder()
  .setName('stop')
  .setDescription('Stop and take back your lines, or everyone’s as a moderator')
  .setContexts(IN_SERVERS)
  .setIntegrationTypes(ADDED_TO);

export default {
  data: data.toJSON(),
  async run({ interaction, bot }) {
    const actor = actorOf(interaction);
    const isModerator = await bot.guilds.access.isModerator(actor);
    const stopped = bot.sessions.stop(actor.guildId, { userId: actor.userId, isModerator });
    if (stopped === 0) throw new UserError({ code: 'E_NOTHING_TO_SKIP', isModerator });
    return { content: stopped === 1 ? 'Stopped one line.' : `Stopped ${stopped} lines.` };
  },
} satisfies Command;
