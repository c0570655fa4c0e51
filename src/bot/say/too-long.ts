import { AttachmentBuilder } from 'discord.js';
import { type Problem, UserError } from '../../domain/errors.ts';
import { publicId } from '../../domain/ids.ts';
import { cleanText } from '../../speech/clean-text.ts';
import { cutFirst } from '../../speech/sentences.ts';
import { memberOf } from '../actor.ts';
import { buttonRow } from '../buttons.ts';
import type { Answer, Call } from '../command.ts';
import { quoteText } from '../markup.ts';
import { readMentions } from '../mentions.ts';
import { wordProblem } from '../words.ts';
import type { SayInteraction } from './ready-line.ts';
import type { Wish } from './wish.ts';

/** Discord takes so many characters in a message. */
const MAX_CONTENT = 2_000;
/** So many characters of the rest show where it begins. */
const SHOWN_REST = 60;

/**
 * Gives a text back that is too long, so that nothing of it is lost, and offers to speak its first
 * part. The answer stands while that is spoken: it holds the rest.
 */
export async function giveBack(
  call: Call<SayInteraction>,
  wish: Wish,
  problem: Extract<Problem, { code: 'E_TEXT_LONG' }>,
): Promise<Answer> {
  const { interaction, bot } = call;
  const parts = await findParts(call, wish, problem.max);
  const components = parts && [
    await buttonRow(bot, interaction, [
      {
        label: 'Speak the first part',
        style: 'primary',
        action: 'say-part',
        payload: { ...wish, isFirstPart: true, postId: publicId() },
      },
    ]),
  ];
  const rest = parts?.rest
    ? `The first part ends before ${quoteText(parts.rest, SHOWN_REST)}.\n`
    : '';
  const content = `${wordProblem(problem)}\n${rest}`;
  const block = `Your text:\n\`\`\`\n${wish.text}\n\`\`\``;
  const fits = content.length + block.length <= MAX_CONTENT && !wish.text.includes('```');
  const file = new AttachmentBuilder(Buffer.from(wish.text), { name: 'your-text.txt' });
  return {
    content: fits ? `${content}${block}` : `${content}Your text is attached.`,
    files: fits ? [] : [file],
    components: components ?? [],
    // What a member typed is kept nowhere.
    kept: wordProblem(problem),
  };
}

/** Undefined where nothing of it can be spoken, however short it were. */
async function findParts({ interaction }: Call<SayInteraction>, wish: Wish, most: number) {
  const names = await readMentions(wish.text, memberOf(interaction).guild);
  try {
    const [first, rest] = cutFirst(cleanText(wish.text, names, Number.POSITIVE_INFINITY), most);
    return /[\p{L}\p{N}]/u.test(first) ? { first, rest } : undefined;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
