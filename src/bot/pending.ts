import type { ButtonInteraction, ChatInputCommandInteraction, Client } from 'discord.js';
import { DiscordAPIError, Routes } from 'discord.js';
import type { Logger } from 'pino';
import type { Interrupted } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import { TOKEN_LIFE_MS } from '../domain/limits.ts';
import { type Clock, DAY_MS } from '../domain/time.ts';
import type { LeftAnswer } from '../store/pending.ts';
import type { Store } from '../store/store.ts';
import { cleared, deliverLate, isTokenGone } from './answers.ts';
import type { Bot } from './bot.ts';
import type { Answer } from './command.ts';
import { findPost, type SentPost, wordPosted } from './sent-post.ts';
import { wordProblem } from './words.ts';

type Answerable = ChatInputCommandInteraction | ButtonInteraction;

/** What an open answer is to say, what tells it, or what a restart would come between. */
type Noted =
  | { readonly answer: Answer }
  | { readonly post: SentPost }
  | { readonly interrupted: Interrupted };

/** An answer that is older is given to nobody any more. */
const MOST_LATE_MS = DAY_MS;

/**
 * Acknowledges an interaction and notes beside it that its answer is owed, so that the next start
 * can give it if this process ends before. The token is kept encrypted.
 * @param acknowledging the request, already asked for: it leaves when the note is on the disk, which
 * takes a millisecond, so that no kill comes between them.
 */
export async function oweAnswer(
  bot: Pick<Bot, 'store' | 'clock' | 'log'>,
  interaction: Answerable,
  acknowledging: Promise<unknown>,
): Promise<void> {
  const noting = tryToNote(bot, (pending) =>
    pending.add({
      interactionId: interaction.id,
      applicationId: interaction.applicationId,
      token: interaction.token,
      channelId: interaction.channelId ?? '',
      userId: interaction.user.id,
      at: bot.clock(),
      answer: JSON.stringify({ interrupted: kindOf(interaction) } satisfies Noted),
    }),
  );
  try {
    await acknowledging;
    await noting;
  } catch (error) {
    await noting;
    await forgetAnswer(bot, interaction);
    throw error;
  }
}

function kindOf(interaction: Answerable): Interrupted {
  // A button's id begins with the name of what it does.
  const name = interaction.isButton() ? interaction.customId : interaction.commandName;
  if (name.startsWith('clone')) return 'clone';
  return name.startsWith('say') ? 'line' : 'other';
}

/** Notes what the answer says, once the work is done; files are only in memory, and buttons mostly. */
export async function noteAnswer(
  bot: Pick<Bot, 'store' | 'log'>,
  { id }: Answerable,
  { content = '', embeds = [], components = [], files = [], kept }: Answer,
): Promise<void> {
  if (kept !== undefined) return await note(bot, id, { answer: { content: kept } });
  if (files.length > 0) return;
  const lost = components.length > 0 ? `\n${WITHOUT_BUTTONS}` : '';
  await note(bot, id, { answer: { content: `${content}${lost}`, embeds } });
}

/** Notes what is about to be sent: a post may be there though its answer never came. */
export async function notePost(
  bot: Pick<Bot, 'store' | 'log'>,
  { id }: Answerable,
  post: SentPost,
): Promise<void> {
  await note(bot, id, { post });
}

async function note(bot: Pick<Bot, 'store' | 'log'>, id: Snowflake, noted: Noted): Promise<void> {
  await tryToNote(bot, (pending) => pending.note(id, JSON.stringify(noted)));
}

const WITHOUT_BUTTONS =
  '-# The bot was restarted meanwhile, so the buttons are gone. Run the command again if you need them.';

/** The answer was given, or there is nobody to give it to. */
export async function forgetAnswer(
  bot: Pick<Bot, 'store' | 'log'>,
  { id }: Answerable,
): Promise<void> {
  await tryToNote(bot, (pending) => pending.remove(id));
}

/** Bookkeeping must not fail what it is about, such as a deletion that makes room again. */
async function tryToNote(
  { store, log }: Pick<Bot, 'store' | 'log'>,
  write: (pending: Store['pending']) => Promise<void>,
): Promise<void> {
  try {
    await write(store.pending);
  } catch (error) {
    log.warn({ err: error }, 'an open answer could not be noted');
  }
}

/**
 * Gives everybody the answer that was open when the last process ended: what it was to say where
 * the work was done, else that it was interrupted.
 * @param left as listed before this process took its first interaction.
 */
export async function answerInterrupted(
  left: readonly LeftAnswer[],
  options: { client: Client<true>; store: Store; clock: Clock; log: Logger },
): Promise<void> {
  const { store, clock, log } = options;
  for (const open of left) {
    try {
      if (open.at > clock() - MOST_LATE_MS) await give(open, options);
    } catch (error) {
      log.info({ interaction: open.interactionId, err: error }, 'an old answer was gone');
      // Discord was not there: the next start asks again.
      if (!(error instanceof DiscordAPIError)) continue;
    }
    await store.pending.remove(open.interactionId);
  }
}

async function give(
  open: LeftAnswer,
  options: { client: Client<true>; clock: Clock; log: Logger },
): Promise<void> {
  const { client, clock } = options;
  const answer = await whatBecame(client, open);
  const { files: _, ...body } = cleared(answer);
  const { userId, channelId } = open;
  const isLate = open.at < clock() - TOKEN_LIFE_MS;
  if (isLate && userId !== undefined)
    return await deliverLate(options, { userId, channelId }, answer);
  try {
    const route = Routes.webhookMessage(open.applicationId, open.token);
    await client.rest.patch(route, { auth: false, body });
  } catch (error) {
    if (!isTokenGone(error) || userId === undefined) throw error;
    await deliverLate(options, { userId, channelId }, answer);
  }
}

async function whatBecame(
  client: Client<true>,
  { answer, interactionId }: LeftAnswer,
): Promise<Answer> {
  const noted = answer === undefined ? undefined : (JSON.parse(answer) as Noted);
  if (noted && 'answer' in noted) return noted.answer;
  if (noted && 'post' in noted) {
    const posted = await findPost(client, noted.post, interactionId);
    if (posted) return { content: wordPosted(noted.post.what, posted.url) };
    return { content: wordProblem({ code: 'E_INTERRUPTED', what: 'line' }) };
  }
  const what = noted?.interrupted ?? 'other';
  return { content: wordProblem({ code: 'E_INTERRUPTED', what }) };
}
