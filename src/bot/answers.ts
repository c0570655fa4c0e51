import {
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  DiscordAPIError,
  RESTJSONErrorCodes,
} from 'discord.js';
import { NotAudioError } from '../audio/not-audio-error.ts';
import { type Problem, UserError } from '../domain/errors.ts';
import { publicId, type Snowflake } from '../domain/ids.ts';
import { pause } from '../domain/pause.ts';
import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { isBusy, isDiskFull } from '../store/store-error.ts';
import { VeniceError } from '../venice/errors.ts';
import { problemOf } from '../venice/problem.ts';
import type { Bot } from './bot.ts';
import type { Answer } from './command.ts';
import { problemOfRefusal } from './discord-refusals.ts';
import { isOutage } from './outage.ts';
import { postNote, postPrivately } from './post.ts';
import { wordProblem } from './words.ts';

type Answerable = ChatInputCommandInteraction | ButtonInteraction;

/** Pauses before an answer is tried again that Discord itself was not there to take. */
const AGAIN_MS = [5 * SECOND_MS, 20 * SECOND_MS, MINUTE_MS];

/**
 * Edits the answer in, also after an outage of Discord. Once its token is gone (15 minutes) a direct
 * message says it instead; where that is not wanted, the channel learns that there is an answer,
 * without it.
 */
export async function deliver(
  bot: Bot,
  interaction: Answerable,
  answer: Answer,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      await interaction.editReply(cleared(answer));
      return;
    } catch (error) {
      const pauseMs = AGAIN_MS[tries];
      if (isTokenGone(error))
        return await deliverLate(
          bot,
          { userId: interaction.user.id, channelId: interaction.channelId ?? '' },
          answer,
        );
      if (pauseMs === undefined || !isOutage(error)) throw error;
      bot.log.warn({ err: error }, 'Discord did not take an answer');
      await pause(pauseMs, signal);
    }
  }
}

/** An edit leaves what it does not name: each answer says all it wants to be there. */
export function cleared(answer: Answer) {
  return { content: '', embeds: [], components: [], files: [], ...answer };
}

/** Says an answer whose token is gone in a direct message, or in its channel that there is one. */
export async function deliverLate(
  bot: Pick<Bot, 'client' | 'log'>,
  { userId, channelId }: { userId: Snowflake; channelId: Snowflake },
  answer: Answer,
): Promise<void> {
  bot.log.info('an answer came too late for its token');
  try {
    await postPrivately(bot.client, userId, {
      content: answer.content ?? '',
      embeds: answer.embeds ?? [],
    });
  } catch (error) {
    bot.log.info({ err: error }, 'a member takes no direct messages');
    if (!channelId) return;
    const content = `<@${userId}>, what you asked for is done or has failed; it took too long to tell you in private.`;
    await postNote(bot.client, channelId, content).catch((refused: unknown) => {
      bot.log.info({ err: refused }, 'nor could the channel be told');
    });
  }
}

/** Turns whatever was thrown into words; a bug is logged under a short id that the member sees. */
export function wordFailure(
  error: unknown,
  { log, clock }: Pick<Bot, 'log' | 'clock'>,
): { content: string } {
  const problem = findProblem(error, clock());
  if (problem?.code === 'E_DISCORD_REFUSED')
    log.warn({ why: problem.why, channel: problem.channelId }, 'Discord refused what was asked');
  if (problem) return { content: wordProblem(problem) };
  const id = publicId();
  log.error({ err: error, id }, 'a bug');
  return {
    content: `Something went wrong on my side, and it has been noted. If it keeps happening, tell whoever runs this bot: error \`${id}\`.`,
  };
}

/** What a member can be told of what was thrown; undefined for a bug. */
export function findProblem(error: unknown, now: number): Problem | undefined {
  if (error instanceof UserError) return error.problem;
  if (error instanceof VeniceError) return problemOf(error, now);
  if (error instanceof NotAudioError) return { code: 'E_PROVIDER_BAD_AUDIO' };
  if (error instanceof DiscordAPIError) return problemOfRefusal(error);
  if (isOutage(error)) return { code: 'E_DISCORD_AWAY' };
  if (isBusy(error)) return { code: 'E_STORE_BUSY' };
  if (isDiskFull(error)) return { code: 'E_DISK_FULL', what: 'keep' };
  return undefined;
}

export function isTokenGone(error: unknown): boolean {
  const gone: unknown[] = [
    RESTJSONErrorCodes.InvalidWebhookToken,
    RESTJSONErrorCodes.UnknownWebhook,
    RESTJSONErrorCodes.UnknownInteraction,
    RESTJSONErrorCodes.UnknownMessage,
  ];
  return error instanceof DiscordAPIError && gone.includes(error.code);
}
