import { EmbedBuilder } from 'discord.js';
import type { Answer } from './command.ts';

/** Discord takes 4,096 characters in the description of an embed; some are left for the last line. */
const MAX_CHARACTERS = 4_000;

/** Rows under a title, as many as Discord shows; the others are counted. */
export function listAnswer(title: string, rows: readonly string[]): Answer {
  let length = 0;
  const shown = rows.filter((row) => {
    length += row.length + 1;
    return length <= MAX_CHARACTERS;
  });
  const rest = rows.length - shown.length;
  const lines = rest > 0 ? [...shown, `… and ${rest} more`] : shown;
  return { embeds: [new EmbedBuilder().setTitle(title).setDescription(lines.join('\n'))] };
}
