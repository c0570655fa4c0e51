import { type Problem, unreachable } from '../domain/errors.ts';
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

export function wordBudget({
  whose,
  period,
  max,
  until,
  neverFits,
}: Extract<Problem, { code: 'E_BUDGET' }>): string {
  const who = whose === 'server' ? 'This server' : 'This bot';
  const remedy =
    whose === 'server'
      ? 'An admin can raise it with `/admin limits`.'
      : 'Whoever runs this bot can raise it.';
  if (max === 0) return `${who} has a budget of 0, so nothing that costs is spoken. ${remedy}`;
  if (neverFits)
    return `That line costs more than all of the ${formatUsd(max)} that ${who.toLowerCase()} has for the ${period}. Shorten it. ${remedy}`;
  return `${who} has too little left of its ${formatUsd(max)} for the ${period} to speak this; it resets ${wordWhen(until)}. ${remedy}`;
}

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
    default:
      return unreachable(what);
  }
}
