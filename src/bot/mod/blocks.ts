import { type ButtonInteraction, type ChatInputCommandInteraction, EmbedBuilder } from 'discord.js';
import type { StandingBlock } from '../../store/blocks.ts';
import { memberOf } from '../actor.ts';
import type { Bot } from '../bot.ts';
import { type ButtonSpec, buttonRow } from '../buttons.ts';
import type { Answer, Call } from '../command.ts';
import { quoteText, wordDate } from '../markup.ts';

type BlocksCall = Pick<
  Call<ChatInputCommandInteraction | ButtonInteraction>,
  'interaction' | 'bot'
>;

/** With reasons of the longest they fill three quarters of what Discord takes. */
const PAGE = 10;

/** Who is blocked here, why, by whom and until when, the latest first. @param page from 0. */
export async function blocksCard({ interaction, bot }: BlocksCall, page: number): Promise<Answer> {
  const blocks = await bot.store.blocks.list(memberOf(interaction).guild.id);
  if (blocks.length === 0) return { content: 'Nobody is blocked in this server.' };
  const last = Math.ceil(blocks.length / PAGE) - 1;
  const shown = Math.min(page, last);
  const rows = blocks.slice(shown * PAGE, (shown + 1) * PAGE).map((block) => wordBlock(bot, block));
  const pages = last > 0 ? `, page ${shown + 1} of ${last + 1}` : '';
  const embed = new EmbedBuilder()
    .setTitle(`Blocked here: ${blocks.length}${pages}`)
    .setDescription((await Promise.all(rows)).join('\n'));
  const buttons = [
    ...(shown > 0 ? [turn('Newer', shown - 1)] : []),
    ...(shown < last ? [turn('Older', shown + 1)] : []),
  ];
  const components = buttons.length > 0 ? [await buttonRow(bot, interaction, buttons)] : [];
  return { embeds: [embed], components };
}

function turn(label: string, page: number): ButtonSpec {
  return { label, action: 'mod-blocks', payload: { page } };
}

async function wordBlock({ store }: Bot, block: StandingBlock): Promise<string> {
  const { userId, reason, until, by } = block;
  const why = reason === undefined ? 'no reason given' : quoteText(reason, 200);
  const moderator = by === undefined ? undefined : await store.members.findUserId(by);
  const whose = moderator === undefined ? 'a moderator not known any more' : `<@${moderator}>`;
  return `- <@${userId}> ${wordUntil(until)}: ${why}, by ${whose}`;
}

/** Until when a block holds. */
export function wordUntil(until: number | undefined): string {
  return until === undefined ? 'until `/mod unblock`' : `until ${wordDate(until)}`;
}
