import { type BoundOwner, type Problem, unreachable } from '../domain/errors.ts';
import { formatUsd } from '../domain/money.ts';
import { wordWhen } from './markup.ts';

export function wordCharacters({
  whose,
  max,
  until,
  neverFits,
}: Extract<Problem, { code: 'E_CHARACTERS' }>): string {
  const remedy = 'An admin can raise this with `/admin limits`.';
  if (max === 0)
    return `This server's limit of characters a day is 0, so nothing is spoken. ${remedy}`;
  if (neverFits)
    return `That line is longer than all the ${max} characters ${whose === 'member' ? 'you have' : 'this server has'} a day. Shorten it. ${remedy}`;
  const who = whose === 'member' ? 'You have' : 'This server has';
  return `${who} too few of today's ${max} characters left for this line. They are back ${wordWhen(until)}. ${remedy}`;
}

export function wordBudget(problem: Extract<Problem, { code: 'E_BUDGET' }>): string {
  return problem.whose === 'bot' ? wordBotBudget(problem) : wordServerBudget(problem);
}

/** Never the amount: it is the operator's. */
function wordBotBudget({
  period,
  isZero,
  until,
  neverFits,
}: Extract<Problem, { code: 'E_BUDGET'; whose: 'bot' }>): string {
  if (isZero)
    return 'Whoever runs this bot lets it speak nothing that costs for now. They can change that.';
  const limit = `Whoever runs this bot has set a limit on what it may spend in a ${period}`;
  if (neverFits) return `${limit}, and this line alone costs more. Shorten it.`;
  return `${limit}, and too little is left of it to speak this; it resets ${wordWhen(until)}. They can raise it.`;
}

function wordServerBudget({
  whose,
  period,
  max,
  until,
  neverFits,
}: Exclude<Extract<Problem, { code: 'E_BUDGET' }>, { whose: 'bot' }>): string {
  const isOperators = whose === 'operator';
  const remedy = isOperators
    ? 'Whoever runs this bot gives each server so much, and only they can raise it.'
    : 'An admin can raise it with `/admin limits`.';
  if (max === 0) return `This server has a budget of 0, so nothing that costs is spoken. ${remedy}`;
  if (neverFits)
    return `That line costs more than all of the ${formatUsd(max)} that this server has for the ${period}. Shorten it. ${remedy}`;
  return `This server has too little left of its ${formatUsd(max)} for the ${period} to speak this; it resets ${wordWhen(until)}. ${remedy}`;
}

export function wordRange({
  option,
  min,
  max,
  whose,
}: Extract<Problem, { code: 'E_OPT_RANGE' }>): string {
  const range = `\`${option}\` must be between ${min} and ${max}.`;
  return whose === undefined ? range : `${range} ${BOUNDS[whose]}`;
}

const BOUNDS = {
  operator: 'Whoever runs this bot gives this server no more; only they can raise it.',
  discord: "More does not fit into a field of Discord's.",
  bot: "That bound is my own, not an admin's.",
} as const satisfies Record<BoundOwner, string>;

export function wordRate(
  what: Extract<Problem, { code: 'E_RATE' }>['what'],
  until: number,
): string {
  switch (what) {
    case 'lines':
      return `That is a lot of lines in a short time. You can send the next one ${wordWhen(until)}.`;
    case 'clones':
      return `You have made as many clones as allowed in a day. You can make the next one ${wordWhen(until)}.`;
    case 'recordings':
      return `Too many of your recordings were of no use within an hour. You can try the next one ${wordWhen(until)}; until then, \`/clone\` without a file says how to record one that works.`;
    case 'slow-mode':
      return `This channel has slow mode on. You can post the next line ${wordWhen(until)}.`;
    case 'posts':
      return `Discord lets me post nothing more there for now. It will again ${wordWhen(until)}.`;
    default:
      return unreachable(what);
  }
}
