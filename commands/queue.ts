import { SlashCommandBuilder } from 'discord.js';
import { memberOf } from '../src/bot/actor.ts';
import { buttonRow } from '../src/bot/buttons.ts';
import type { Command } from '../src/bot/command.ts';
import { listAnswer } from '../src/bot/list.ts';
import { ADDED_TO, IN_SERVERS } from '../src/bot/places.ts';
import { quoteName, wordSeconds } from '../src/bot/words.ts';
import { UserError } from '../src/domain/errors.ts';
import { secondsOf } from '../src/domain/text.ts';

const data = new SlashCommandBuilder()
  .setName('queue')
  .setDescription('See whose lines are being spoken and waiting')
  .setContexts(IN_SERVERS)
  .setIntegrationTypes(ADDED_TO);

export default {
  data: data.toJSON(),

  async run({ interaction, bot }) {
    const { guild, id } = memberOf(interaction);
    const lines = bot.sessions.queue(guild.id);
    if (lines.length === 0)
      return { content: 'Nothing is being spoken and nothing waits. Add a line with `/say`.' };
    const rows = lines.map(({ requester, label, characters, state }, place) => {
      const where = state === 'speaking' ? '**now**' : `${place}.`;
      const long = wordSeconds(secondsOf(characters));
      return `${where} <@${requester}> as ${quoteName(label)} · about ${long}`;
    });
    const answer = listAnswer('Spoken and waiting', rows);
    if (!lines.some(({ requester }) => requester === id)) return answer;
    const cancel = { label: 'Cancel mine', style: 'danger', action: 'queue-cancel' } as const;
    return { ...answer, components: [await buttonRow(bot, interaction, [cancel])] };
  },

  actions: {
    'queue-cancel': {
      ack: 'update',
      run({ interaction, bot }) {
        const userId = interaction.user.id;
        const stopped = bot.sessions.stop(interaction.guildId ?? '', {
          userId,
          isModerator: false,
        });
        if (stopped === 0) throw new UserError({ code: 'E_NOTHING_TO_SKIP', isModerator: false });
        return Promise.resolve({
          content:
            stopped === 1 ? 'Cancelled one line of yours.' : `Cancelled ${stopped} lines of yours.`,
        });
      },
    },
  },
} satisfies Command;
