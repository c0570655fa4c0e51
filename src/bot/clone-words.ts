import type { Problem } from '../domain/errors.ts';
import { RENEWALS_PER_DAY } from '../domain/limits.ts';
import { formatUsd, type MicroUsd } from '../domain/money.ts';
import type { Uploads } from '../store/ledger.ts';
import { quoteName, wordWhen } from './markup.ts';

/** Why no more clones can be made; of the bot's own money never the amount, which is the operator's. */
export function wordClones(problem: Extract<Problem, { code: 'E_CLONES' }>): string {
  const { until } = problem;
  if (problem.whose === 'bot')
    return problem.neverFits
      ? 'A clone costs more than whoever runs this bot lets it spend on clones in a day. They can raise it.'
      : `Whoever runs this bot sets a part of its money aside for clones, and what is left of it today is kept to renew the voices in use. You can try again ${wordWhen(until)}; they can raise it.`;
  const where = problem.whose === 'server' ? 'This server has' : 'Direct messages have';
  return `${where} had the ${problem.max} clones there may be in a day while nobody names their price. The next can be made ${wordWhen(until)}. Whoever runs this bot can name the price (\`CLONE_USD\`), and then its budget decides.`;
}

export function wordRenewalBudget({
  whose,
  name,
  until,
}: Extract<Problem, { code: 'E_RENEWAL_BUDGET' }>): string {
  if (whose === 'voice')
    return `The speech provider (Venice) refused the voice ${quoteName(name)}, which I have renewed ${RENEWALS_PER_DAY} times today already, the most for a day. It may be the words: try others. The voice can be renewed again ${wordWhen(until)}; until then, use a stock voice, or clone it again with \`/clone\`.`;
  return `The voice ${quoteName(name)} has lapsed at the provider, and renewing it costs more than this bot may still spend on that. It can be renewed ${wordWhen(until)}; until then, use a stock voice. Whoever runs this bot can raise the limit.`;
}

/** The answer to an upload that was sent never came. */
export const CLONES_LOST = {
  clone:
    'Venice took your recording, and its answer was lost. The clone may have been paid for, so it counts as made, and I send no other recording of yours for ten minutes. Run `/clone` again after that.',
  renewal:
    'Venice took the recording of this voice to renew it, and its answer was lost. That may have been paid for, so I wait ten minutes before I try again. Until then, use a stock voice.',
} as const satisfies Record<Extract<Problem, { code: 'E_CLONE_LOST' }>['what'], string>;

/** A fee, as a member and an admin read it. */
export function wordFee(microUsd: MicroUsd | undefined): string {
  return microUsd === undefined ? 'price unknown' : formatUsd(microUsd);
}

/** What uploads cost in all: of some, nobody may have named the price. */
export function wordFees({ clones, renewals, unpriced, microUsd }: Uploads): string {
  if (unpriced === 0) return formatUsd(microUsd);
  return unpriced === clones + renewals
    ? 'price unknown'
    : `${formatUsd(microUsd)} + ${unpriced} unknown`;
}
