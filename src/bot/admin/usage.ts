import type { ChatInputCommandInteraction } from 'discord.js';
import { formatUsd } from '../../domain/money.ts';
import type { Period } from '../../guilds/money.ts';
import { memberOf } from '../actor.ts';
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
  const { lines, characters, microUsd } = await bot.guilds.money.usage(
    period,
    memberOf(interaction).guild.id,
  );
  const rows = [
    ['lines', String(lines)],
    ['characters', String(characters)],
    ['spent', formatUsd(microUsd)],
  ];
  const table = rows.map(([name = '', value = '']) => `${name.padEnd(12)}${value.padStart(12)}`);
  return {
    content: `Paid for here ${PERIODS[period]} (UTC):\n\`\`\`\n${table.join('\n')}\n\`\`\``,
  };
}
