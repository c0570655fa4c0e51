import { SlashCommandBuilder } from 'discord.js';
import { memberOf } from '../src/bot/actor.ts';
import { buttonRow } from '../src/bot/buttons.ts';
import type { Command } from '../src/bot/command.ts';
import { listAnswer } from '../src/bot/list.ts';
import { ADDED_TO, IN_SERVERS } from '../src/bot/places.ts';
import { cancelLines, onPanel } from '../src/bot/queue-controls.ts';
import { wordLine } from '../src/bot/queued-line.ts';

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
    // On a stage all may wait, and none be spoken.
    const firstPlace = lines[0]?.state === 'speaking' ? 0 : 1;
    const rows = lines.map((line, index) => {
      const where = line.state === 'speaking' ? '**now**' : `${firstPlace + index}.`;
      return `${where} ${wordLine(line)}`;
    });
    const answer = listAnswer('Spoken and waiting', rows);
    if (!lines.some(({ requester }) => requester === id)) return answer;
    const cancel = { label: 'Cancel mine', style: 'danger', action: 'queue-cancel' } as const;
    return { ...answer, components: [await buttonRow(bot, interaction, [cancel])] };
  },

  actions: {
    'queue-cancel': { ack: 'update', run: cancelLines },
    'panel-cancel': onPanel(cancelLines),
  },
} satisfies Command;
