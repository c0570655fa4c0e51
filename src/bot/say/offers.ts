import { type Problem, UserError } from '../../domain/errors.ts';
import { publicId } from '../../domain/ids.ts';
import { stockVoices } from '../../venice/stock-voices.ts';
import { memberOf } from '../actor.ts';
import { findProblem, wordFailure } from '../answers.ts';
import { type ButtonSpec, buttonRow } from '../buttons.ts';
import type { Answer, Call } from '../command.ts';
import { remedyOf } from '../discord-refusals.ts';
import { checkMaySay } from './may-say.ts';
import type { SayInteraction } from './ready-line.ts';
import { giveBack } from './too-long.ts';
import type { Wish } from './wish.ts';

type SayCall = Call<SayInteraction>;

/** Runs a wish; where it is refused for a reason with a way around, the refusal offers that way. */
export async function withOffers(
  call: SayCall,
  wish: Wish,
  run: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    const problem = findProblem(error, call.bot.clock());
    if (problem?.code === 'E_TEXT_LONG') return await giveBack(call, wish, problem);
    const offers = problem ? await findOffers(call, wish, problem) : [];
    if (!problem || offers.length === 0) throw error;
    const { content } = wordFailure(error, call.bot);
    return { content, components: [await buttonRow(call.bot, call.interaction, offers)] };
  }
}

/** Never another voice by itself: a stock voice is offered, and speaks only when pressed. */
async function findOffers(call: SayCall, wish: Wish, problem: Problem): Promise<ButtonSpec[]> {
  switch (problem.code) {
    case 'E_VOICE_MISSING':
    case 'E_VOICE_LAPSED':
    case 'E_RENEWAL_BUDGET':
    case 'E_CLONE_LOST':
    case 'E_VOICE_REFUSED':
    case 'E_VOICE_MODEL':
    case 'E_PROVIDER_MODEL': {
      const stock = stockVoices(call.bot.catalogue)[0];
      const isRefused = 'model' in problem && problem.model === stock?.model;
      if (!stock || isRefused) return [];
      const label = `Use the stock voice ${stock.name.split(' ')[0]} this once`;
      return [again(label, { ...wish, voice: stock.name })];
    }
    case 'E_PROVIDER_DOWN':
    case 'E_PROVIDER_BUSY':
    case 'E_PROVIDER_BAD_AUDIO':
    case 'E_THREAD_UNSEEN':
    case 'E_DISCORD_AWAY':
    case 'E_STORE_BUSY':
      return [again('Try again', wish)];
    case 'E_DISCORD_DOWN':
      return [again('Try again', wish, wish.postId)];
    case 'E_DISCORD_REFUSED':
      if (remedyOf(problem) === 'again') return [again('Try again', wish)];
      return remedyOf(problem) === 'file' ? await offerFile(call, wish) : [];
    case 'E_RATE':
      return problem.what === 'posts' ? [again('Try again', wish)] : [];
    case 'E_OPT_FORMAT': {
      const label = problem.output === 'voice' ? 'Speak it live' : 'Post as voice message';
      const other = again(label, { ...wish, format: undefined });
      return [again(`Post as ${wish.format} file`, { ...wish, output: 'file' }), other];
    }
    case 'E_FILE_BIG':
      return (wish.format ?? 'mp3') === 'mp3'
        ? []
        : [again('Post as mp3', { ...wish, format: 'mp3' })];
    default:
      return isAboutTheWay(problem) ? await offerFile(call, wish) : [];
  }
}

/** Where only the way that was asked for is barred, and a file in this channel is not. */
async function offerFile(call: SayCall, wish: Wish): Promise<ButtonSpec[]> {
  const isOther = wish.output !== 'file' && (await mayPostFile(call));
  return isOther ? [again('Post as file', { ...wish, output: 'file' })] : [];
}

function isAboutTheWay(problem: Problem): boolean {
  switch (problem.code) {
    case 'E_BOT_MUTED':
    case 'E_JOIN_VOICE':
    case 'E_BUSY_ELSEWHERE':
    case 'E_CHANNEL_FULL':
    case 'E_VOICE_CONNECT':
    case 'E_VOICE_LOST':
    case 'E_VOICE_REMOVED':
    case 'E_VOICE_MOVED':
    case 'E_MEMBER_PERMS':
    case 'E_BOT_PERMS':
      return true;
    case 'E_NOT_ALLOWED':
    case 'E_WITHDRAWN':
      return WAYS.includes(problem.why);
    default:
      return false;
  }
}

/** Reasons against being heard in a voice channel that are none against a file. */
const WAYS: readonly string[] = [
  'left-voice',
  'muted',
  'bot-muted',
  'no-speak',
  'bot-no-speak',
  'audience',
  'bot-audience',
  'not-let',
  'afk',
  'full',
  'nobody',
  'channel',
  'channel-gone',
];

async function mayPostFile(call: SayCall): Promise<boolean> {
  try {
    await checkMaySay(call, { kind: 'file', format: 'mp3' }, memberOf(call.interaction));
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** @param postId the wish's own where that may have been posted. */
function again(label: string, wish: Wish, postId = publicId()): ButtonSpec {
  return { label, style: 'primary', action: 'say-again', payload: { ...wish, postId } };
}
