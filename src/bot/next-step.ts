import type { ChatInputCommandInteraction } from 'discord.js';
import { type Problem, UserError } from '../domain/errors.ts';
import type { SpokenVoice } from '../domain/voice.ts';
import { stockVoices } from '../venice/stock-voices.ts';
import { memberOf } from './actor.ts';
import { checkMayClone } from './clone/may-clone.ts';
import type { Call } from './command.ts';
import { quoteName } from './markup.ts';
import { checkMaySay } from './say/may-say.ts';
import { chooseWay, settleOutput, type Way } from './say/wish.ts';
import { wordProblem } from './words.ts';

type HelpCall = Call<ChatInputCommandInteraction>;

/** What a member can do next, as things stand for them now, and what stands against speaking. */
export interface NextStep {
  readonly words: string;
  readonly refusal: Problem | undefined;
}

/** Asks what refuses a clone or a line, so that nothing else is said here than there. */
export async function findNextStep(call: HelpCall): Promise<NextStep> {
  const own = await findVoice(call);
  if (!call.interaction.inGuild()) {
    const go = '**Next:** go to a server that has me, and type `/say` there.';
    return { words: own ? go : await wordClone(call, false), refusal: undefined };
  }
  const member = memberOf(call.interaction);
  const way = chooseWay(settleOutput({ output: 'auto', format: undefined }, member), member);
  const barred = await problemOf(() => checkMaySay(call, way, member));
  const refusal = barred ?? (await problemOf(() => checkPayable(call, own)));
  const words = [
    ...(refusal ? [`**You cannot be heard now.** ${wordProblem(refusal)}`] : []),
    ...(barred && (await mayPostFile(call, way)) ? [FILE_WORKS] : []),
    ...(own || isBlocked(refusal) ? [] : [await wordClone(call, !refusal)]),
    ...(own && !refusal ? [wordSay(own, way)] : []),
  ];
  return { words: words.join('\n'), refusal };
}

/** The voice `/say` would speak in; undefined where the member has none. */
async function findVoice({ interaction, bot }: HelpCall): Promise<SpokenVoice | undefined> {
  try {
    return await bot.voices.library.resolve(interaction.user.id, undefined);
  } catch (error) {
    if (error instanceof UserError && error.problem.code === 'E_VOICE_MISSING') return undefined;
    throw error;
  }
}

async function checkPayable(
  { interaction, bot }: HelpCall,
  own: SpokenVoice | undefined,
): Promise<void> {
  const [stock] = stockVoices(bot.catalogue);
  const voice = own ?? (stock && ({ kind: 'stock', stock } as const));
  if (!voice) return;
  const { user, guildId } = interaction;
  await bot.speech.checkPayable({ voice, userId: user.id, guildId: guildId ?? undefined });
}

async function problemOf(check: () => Promise<unknown>): Promise<Problem | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.problem;
    throw error;
  }
}

const FILE_WORKS = '**Next:** `/say` with `output: file` works here.';

/** Where the other way is barred. */
async function mayPostFile(call: HelpCall, barred: Way): Promise<boolean> {
  if (barred.kind === 'file') return false;
  const file = { kind: 'file', format: 'mp3' } as const;
  const refusal = await problemOf(() => checkMaySay(call, file, memberOf(call.interaction)));
  return refusal === undefined;
}

function isBlocked(refusal: Problem | undefined): boolean {
  return refusal?.code === 'E_NOT_ALLOWED' && refusal.why === 'blocked';
}

/** @param maySpeak whether a stock voice would be heard meanwhile. */
async function wordClone(call: HelpCall, maySpeak: boolean): Promise<string> {
  const stock = maySpeak ? ' Until then `/say` offers a stock voice.' : '';
  const refusal = await problemOf(() => checkMayClone(call));
  return refusal
    ? `**You have no voice yet.** ${wordProblem(refusal)}${stock && `\n${stock.trim()}`}`
    : `**Next:** \`/clone\` without anything tells you how to record your voice.${stock}`;
}

function wordSay(own: SpokenVoice, way: Way): string {
  const name = quoteName(own.kind === 'own' ? own.voice.name : own.stock.name);
  return way.kind === 'voice'
    ? `**Next:** type \`/say\`. You are heard in <#${way.channel.id}> as ${name}.`
    : `**Next:** type \`/say\`. It becomes a file in this channel, spoken as ${name}; in a voice channel you are heard live.`;
}
