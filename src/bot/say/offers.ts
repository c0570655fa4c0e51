import { UserError } from '../../domain/errors.ts';
import { stockVoices } from '../../venice/stock-voices.ts';
import { type ButtonSpec, buttonRow } from '../buttons.ts';
import type { Answer, Call } from '../command.ts';
import { wordProblem } from '../words.ts';
import type { SayInteraction } from './ready-line.ts';
import type { Wish } from './wish.ts';

/** Runs a wish; where it is refused for a reason with a way around, the refusal offers that way. */
export async function withOffers(
  { interaction, bot }: Call<SayInteraction>,
  wish: Wish,
  run: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const content = wordProblem(error.problem);
    const offers = offersFor(error, wish, stockVoices(bot.catalogue)[0]?.name);
    if (offers.length === 0) throw error;
    return { content, components: [await buttonRow(bot, interaction, offers)] };
  }
}

/** Never another voice by itself: a stock voice is offered, and speaks only when pressed. */
function offersFor({ problem }: UserError, wish: Wish, stock: string | undefined): ButtonSpec[] {
  switch (problem.code) {
    case 'E_VOICE_MISSING':
    case 'E_VOICE_LAPSED':
    case 'E_VOICE_MODEL':
      if (stock === undefined) return [];
      return [
        {
          label: `Use the stock voice ${stock.split(' ')[0]} this once`,
          action: 'say-again',
          payload: { ...wish, voice: stock },
        },
      ];
    case 'E_JOIN_VOICE':
    case 'E_BUSY_ELSEWHERE':
    case 'E_CHANNEL_FULL':
    case 'E_CHANNEL_TYPE':
    case 'E_VOICE_CONNECT':
    case 'E_VOICE_LOST':
    case 'E_MEMBER_PERMS':
    case 'E_NOT_ALLOWED':
    case 'E_BOT_PERMS':
      if (wish.output === 'file' || wish.output === 'message') return [];
      if (problem.code === 'E_NOT_ALLOWED' && problem.why !== 'muted') return [];
      // A right that is missing for a file is not made up for by a file.
      if ('permissions' in problem && !problem.permissions.some((name) => IN_VOICE.includes(name)))
        return [];
      return [
        {
          label: 'Post as file',
          style: 'primary',
          action: 'say-again',
          payload: { ...wish, output: 'file' },
        },
      ];
    default:
      return [];
  }
}

const IN_VOICE = ['Connect', 'Speak'];
