import type { ButtonInteraction, ChatInputCommandInteraction } from 'discord.js';
import { UserError } from '../domain/errors.ts';
import type { Asker, QueuedLine } from '../playback/line.ts';
import { actorOf } from './actor.ts';
import type { Bot } from './bot.ts';
import type { Action, Answer, Call } from './command.ts';
import { wordProblem } from './words.ts';

type Asked = Pick<Call<ChatInputCommandInteraction | ButtonInteraction>, 'interaction' | 'bot'>;

/** Skips the line being spoken: one's own, or any as a moderator. @throws UserError E_NOTHING_TO_SKIP. */
export async function skipLine({ interaction, bot }: Asked): Promise<Answer> {
  const { guildId, asker } = await askerOf({ interaction, bot });
  return skip(bot, guildId, asker);
}

/**
 * Skips the line that the panel showed when its button was pressed, never the one that has begun
 * while the panel was behind. @throws UserError E_NOTHING_TO_SKIP.
 */
export async function skipShown(call: Call<ButtonInteraction>): Promise<Answer> {
  const { interaction, bot } = call;
  const { guildId, asker } = await askerOf(call);
  const spoken = bot.sessions.queue(guildId).find(({ state }) => state === 'speaking');
  if (spoken && spoken.id !== bot.panels.lineOn(interaction.message))
    return {
      content:
        'The panel was a moment behind, so nothing was skipped. Press again once it shows the line that is spoken.',
    };
  return skip(bot, guildId, asker);
}

/** Stops and takes back one's own lines, or all as a moderator. @throws UserError E_NOTHING_TO_SKIP. */
export async function stopLines({ interaction, bot }: Asked): Promise<Answer> {
  const { guildId, asker } = await askerOf({ interaction, bot });
  const stopped = bot.sessions.stop(guildId, asker);
  if (stopped === 0) throw nothingTo('stop', bot.sessions.queue(guildId), asker);
  return { content: stopped === 1 ? 'Stopped one line.' : `Stopped ${stopped} lines.` };
}

/** Stops and takes back one's own lines, also as a moderator. @throws UserError E_NOTHING_TO_SKIP. */
export function cancelLines({ interaction, bot }: Asked): Promise<Answer> {
  const { guildId, userId } = actorOf(interaction);
  const asker = { userId, isModerator: false };
  const stopped = bot.sessions.stop(guildId, asker);
  if (stopped === 0) throw nothingTo('stop', bot.sessions.queue(guildId), asker);
  return Promise.resolve({
    content:
      stopped === 1 ? 'Cancelled one line of yours.' : `Cancelled ${stopped} lines of yours.`,
  });
}

/**
 * The same as a button of the panel, which goes on standing: the answer is private and vanishes,
 * a refusal too.
 */
export function onPanel(control: (call: Call<ButtonInteraction>) => Promise<Answer>): Action {
  return {
    ack: 'reply',
    run: async (call) => ({
      ...(await control(call).catch(answerRefusal)),
      vanishes: true,
    }),
  };
}

function answerRefusal(error: unknown): Answer {
  if (error instanceof UserError) return { content: wordProblem(error.problem) };
  throw error;
}

async function askerOf({ interaction, bot }: Asked): Promise<{ guildId: string; asker: Asker }> {
  const actor = actorOf(interaction);
  const isModerator = await bot.guilds.access.isModerator(actor);
  return { guildId: actor.guildId, asker: { userId: actor.userId, isModerator } };
}

function skip({ sessions }: Pick<Bot, 'sessions'>, guildId: string, asker: Asker): Answer {
  const skipped = sessions.skip(guildId, asker);
  if (!skipped) throw nothingTo('skip', sessions.queue(guildId), asker);
  return { content: `Skipped the line of <@${skipped.requester}>.` };
}

function nothingTo(
  what: 'skip' | 'stop',
  lines: readonly QueuedLine[],
  { userId, isModerator }: Asker,
): UserError {
  const isMeant = ({ requester }: QueuedLine) => isModerator || requester === userId;
  return new UserError({
    code: 'E_NOTHING_TO_SKIP',
    what,
    whose: isModerator ? 'all' : 'own',
    isSpeaking: lines.some(({ state }) => state === 'speaking'),
    waiting: lines.filter((line) => isMeant(line) && line.state === 'waiting').length,
  });
}
