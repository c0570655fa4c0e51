import type { ButtonInteraction, ChatInputCommandInteraction, Client } from 'discord.js';
import { Routes } from 'discord.js';
import type { Logger } from 'pino';
import type { OpenAnswer } from '../store/pending.ts';
import type { Store } from '../store/store.ts';
import type { Bot } from './bot.ts';
import { wordProblem } from './words.ts';

/**
 * Remembers the open answer while the work runs, so that the next start can tell the requester if
 * this process ends before. The token is kept encrypted, the text not at all.
 */
export async function whilePending<T>(
  { store, clock }: Pick<Bot, 'store' | 'clock'>,
  interaction: ChatInputCommandInteraction | ButtonInteraction,
  work: () => Promise<T>,
): Promise<T> {
  await store.pending.add({
    interactionId: interaction.id,
    applicationId: interaction.applicationId,
    token: interaction.token,
    channelId: interaction.channelId ?? '',
    at: clock(),
  });
  try {
    return await work();
  } finally {
    await store.pending.remove(interaction.id);
  }
}

/**
 * Tells everybody whose answer was open when the last process ended that it was interrupted.
 * @param interrupted as listed before this process took its first interaction.
 */
export async function answerInterrupted(
  interrupted: readonly OpenAnswer[],
  options: { client: Client<true>; store: Store; log: Logger },
): Promise<void> {
  const { client, store, log } = options;
  const content = wordProblem({ code: 'E_INTERRUPTED' });
  for (const open of interrupted) {
    const route = Routes.webhookMessage(open.applicationId, open.token);
    try {
      await client.rest.patch(route, { auth: false, body: { content, components: [] } });
    } catch (error) {
      // Its 15 minutes are over, or Discord forgot it: nothing of it is shown any more.
      log.info({ interaction: open.interactionId, err: error }, 'an old answer was gone');
    }
    await store.pending.remove(open.interactionId);
  }
}
