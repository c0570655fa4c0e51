import type { ButtonInteraction, ChatInputCommandInteraction, Client } from 'discord.js';
import { DiscordAPIError, Routes } from 'discord.js';
import type { Logger } from 'pino';
import type { Snowflake } from '../domain/ids.ts';
import type { LeftAnswer } from '../store/pending.ts';
import type { Store } from '../store/store.ts';
import { cleared, deliverLate, isTokenGone } from './answers.ts';
import type { Bot } from './bot.ts';
import type { Answer } from './command.ts';
import { findPost, type SentPost, wordPosted } from './sent-post.ts';
import { wordProblem } from './words.ts';

type Answerable = ChatInputCommandInteraction | ButtonInteraction;

/** What an open answer is to say, or what the next start has to look for to know it. */
type Noted = { readonly answer: Answer } | { readonly post: SentPost };

/**
 * Acknowledges an interaction and notes beside it that its answer is owed, so that the next start
 * can give it if this process ends before. The token is kept encrypted.
 * @param acknowledging the request, already on its way: it waits for no disk.
 */
export async function oweAnswer(
  bot: Pick<Bot, 'store' | 'clock' | 'log'>,
  interaction: Answerable,
  acknowledging: Promise<unknown>,
): Promise<void> {
  const noting = unlessFull(bot, (pending) =>
    pending.add({
      interactionId: interaction.id,
      applicationId: interaction.applicationId,
      token: interaction.token,
      channelId: interaction.channelId ?? '',
      userId: interaction.user.id,
      at: bot.clock(),
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

/** Notes what the answer says, once the work is done; files are only in memory, and buttons mostly. */
export async function noteAnswer(
  bot: Pick<Bot, 'store' | 'log'>,
  { id }: Answerable,
  { content = '', embeds = [], components = [], files = [] }: Answer,
): Promise<void> {
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
  await unlessFull(bot, (pending) => pending.note(id, JSON.stringify(noted)));
}

const WITHOUT_BUTTONS =
  '-# The bot was restarted meanwhile, so the buttons are gone. Run the command again if you need them.';

/** The answer was given, or there is nobody to give it to. */
export async function forgetAnswer(
  bot: Pick<Bot, 'store' | 'log'>,
  { id }: Answerable,
): Promise<void> {
  await unlessFull(bot, (pending) => pending.remove(id));
}

/** Bookkeeping must not fail what it is about, such as a deletion that makes room again. */
async function unlessFull(
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
  options: { client: Client<true>; store: Store; log: Logger },
): Promise<void> {
  const { store, log } = options;
  for (const open of left) {
    try {
      await give(open, options);
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
  options: { client: Client<true>; log: Logger },
): Promise<void> {
  const { client } = options;
  const answer = await whatBecame(client, open);
  const { files: _, ...body } = cleared(answer);
  try {
    const route = Routes.webhookMessage(open.applicationId, open.token);
    await client.rest.patch(route, { auth: false, body });
  } catch (error) {
    const { userId, channelId } = open;
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
  const posted = noted && (await findPost(client, noted.post, interactionId));
  if (noted && posted) return { content: wordPosted(noted.post.what, posted.url) };
  return { content: wordProblem({ code: 'E_INTERRUPTED' }) };
}
