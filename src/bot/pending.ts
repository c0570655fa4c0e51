import type { ButtonInteraction, ChatInputCommandInteraction, Client } from 'discord.js';
import { DiscordAPIError, Routes } from 'discord.js';
import type { Logger } from 'pino';
import type { LeftAnswer } from '../store/pending.ts';
import type { Store } from '../store/store.ts';
import { cleared, deliverLate, isTokenGone } from './answers.ts';
import type { Bot } from './bot.ts';
import type { Answer } from './command.ts';
import { wordProblem } from './words.ts';

type Answerable = ChatInputCommandInteraction | ButtonInteraction;

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
  const answer = JSON.stringify({ content: `${content}${lost}`, embeds });
  await unlessFull(bot, (pending) => pending.note(id, answer));
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
  const { client, store, log } = options;
  for (const open of left) {
    const answer: Answer =
      open.answer === undefined
        ? { content: wordProblem({ code: 'E_INTERRUPTED' }) }
        : (JSON.parse(open.answer) as Answer);
    const { files: _, ...body } = cleared(answer);
    try {
      const route = Routes.webhookMessage(open.applicationId, open.token);
      await client.rest.patch(route, { auth: false, body });
    } catch (error) {
      const { userId, channelId } = open;
      if (isTokenGone(error) && userId !== undefined)
        await deliverLate(options, { userId, channelId }, answer);
      else log.info({ interaction: open.interactionId, err: error }, 'an old answer was gone');
      // Discord was not there: the next start asks again.
      if (!(error instanceof DiscordAPIError)) continue;
    }
    await store.pending.remove(open.interactionId);
  }
}
