import type { ChatInputCommandInteraction } from 'discord.js';
import { formatUsd } from '../../domain/money.ts';
import type { Period } from '../../guilds/money.ts';
import { memberOf } from '../actor.ts';
import { wordFees } from '../clone-words.ts';
import type { Answer, Call } from '../command.ts';

const PERIODS = {
  day: 'today',
  week: 'in the last seven days',
  month: 'this month',
} as const satisfies Record<Period, string>;

/** What a server spoke and spent, as a table. */
export async function usageCard(
  { interaction, bot }: Call<ChatInputCommandInteraction>,
  period: Period,
): Promise<Answer> {
  const { guild } = memberOf(interaction);
  const { lines, characters, microUsd, uploads } = await bot.guilds.money.usage(period, guild.id);
  const rows = [
    ['lines', String(lines)],
    ['characters', String(characters)],
    ['spent', formatUsd(microUsd)],
    ['clones', String(uploads.clones)],
    ['for clones', wordFees(uploads)],
  ];
  const table = rows.map(([name = '', value = '']) => `${name.padEnd(12)}${value.padStart(20)}`);
  return {
    content: `Paid for here ${PERIODS[period]} (UTC); clones are paid by whoever runs this bot, beside this server's budget:\n\`\`\`\n${table.join('\n')}\n\`\`\``,
  };
}
