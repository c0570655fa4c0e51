import { SlashCommandBuilder } from 'discord.js';
import { memberOf } from '../src/bot/actor.ts';
import type { Command } from '../src/bot/command.ts';
import { listAnswer } from '../src/bot/list.ts';
import { ADDED_TO, IN_SERVERS } from '../src/bot/places.ts';
import { quoteName } from '../src/bot/words.ts';

const data = new SlashCommandBuilder()
  .setName('queue')
  .setDescription('See whose lines are being spoken and waiting')
  .setContexts(IN_SERVERS)
  .setIntegrationTypes(ADDED_TO);

export default {
  data: data.toJSON(),
  run({ interaction, bot }) {
    const lines = bot.sessions.queue(memberOf(interaction).guild.id);
    if (lines.length === 0)
      return Promise.resolve({
        content: 'Nothing is being spoken and nothing waits. Add a line with `/say`.',
      });
    const rows = lines.map(({ requester, label, characters, state }, place) => {
      const where = state === 'speaking' ? '**now**' : `${place}.`;
      return `${where} <@${requester}> as ${quoteName(label)} · ${characters} characters`;
    });
    return Promise.resolve(listAnswer('Spoken and waiting', rows));
  },
} satisfies Command;
