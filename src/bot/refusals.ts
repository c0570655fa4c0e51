import {
  type BlockRefusal,
  type Problem,
  unreachable,
  type Withdrawal,
  type Withdrawn,
} from '../domain/errors.ts';
import { wordRuleRefusal } from './access-words.ts';
import { wordDate } from './markup.ts';

/** Why a member may not, before anything was done. */
export function wordRefusal(problem: Extract<Problem, { code: 'E_NOT_ALLOWED' }>): string {
  switch (problem.why) {
    case 'role':
    case 'channel':
      return wordRuleRefusal(problem);
    case 'blocked':
      return `A moderator of this server has blocked you from using this bot here${wordHowLong(problem)}`;
    case 'muted':
      return 'The server has muted you in voice, so I do not speak for you there. A moderator can unmute you.';
    case 'timed-out':
      return 'You are timed out in this server, so I do not speak for you until that is over.';
    case 'audience':
      return 'You are not a speaker of that stage, and I do not do for you what Discord denies you. Ask to speak there; a moderator of the stage can let you.';
    case 'afk':
      return 'That is the channel for members who are away, where Discord lets nobody be heard. Use another channel.';
    case 'bot':
      return 'Bots cannot use this.';
    case 'not-allowed-guild':
      return 'This server is not on the list of the people who run this bot. Ask them to add it. What is yours you can still see with `/voices` and delete with `/privacy delete`.';
    case 'not-allowed-member':
      return 'You are in none of the servers that the people who run this bot have allowed. What is yours you can still see with `/voices` and delete with `/privacy delete`.';
    default:
      return unreachable(problem);
  }
}

/** Why a line was taken back: what follows "Your line was stopped:". */
export function wordWithdrawal(withdrawn: Withdrawn): string {
  switch (withdrawn.why) {
    case 'role':
    case 'channel':
      return `it is no longer allowed. ${wordRuleRefusal(withdrawn)}`;
    case 'blocked':
      return `a moderator has just blocked you from using this bot here${wordHowLong(withdrawn)}`;
    default:
      return WITHDRAWALS[withdrawn.why];
  }
}

function wordHowLong({ until }: BlockRefusal): string {
  if (until === undefined) return ', until they lift it. Ask them.';
  return `, until ${wordDate(until)}. They can lift it before.`;
}

const WITHDRAWALS = {
  off: 'a moderator has just switched speaking off in this server. `/mod on` switches it on again.',
  'timed-out':
    'you have been timed out in this server, so I do not speak for you until that is over.',
  'left-voice': 'you left voice, so I do not speak for you there. Join again and send it again.',
  departed: 'you are no longer a member of that server.',
  muted:
    'the server has muted you in voice, so I do not speak for you there. A moderator can unmute you.',
  'bot-muted':
    'the server has muted me in voice, so nobody would have heard it. A moderator can unmute me.',
  'no-speak':
    'you may no longer speak in that channel. A moderator can give you **Connect** and **Speak** there.',
  'bot-no-speak':
    'I may no longer speak in that channel. An admin can give me **Connect** and **Speak** there.',
  audience:
    'you are not a speaker of that stage, so I do not speak for you there. Ask to speak; a moderator of the stage can let you.',
  'bot-audience':
    'a moderator has moved me to the audience of that stage, where nobody hears me. They can invite me to speak again.',
  'not-let':
    'no moderator of that stage has let me speak. They can invite me to speak; then send it again.',
  afk: 'I am in the channel for members who are away, where Discord lets nobody be heard.',
  full: 'that channel is full, so I cannot come in. Somebody has to leave, or a moderator can raise its user limit.',
  nobody: 'nobody was left in that channel to hear it. Join it and send it again.',
  'channel-gone': 'its voice channel has been deleted. Join another one and send it again.',
  'guild-gone': 'I have been removed from that server. An admin of it can add me again.',
  forgotten: 'you have deleted everything of yours with `/privacy delete`.',
  'voice-gone': 'its voice was deleted or replaced meanwhile. Send it again to speak in another.',
} as const satisfies Record<Withdrawal, string>;

/** Why a member cannot be blocked. */
export const BLOCKS = {
  self: 'You cannot block yourself. Pick another member.',
  bot: 'Bots cannot use me, so there is nothing to block. To switch me off here, use `/mod off`.',
  admin:
    'That member has Manage Server, so a block would not hold: they could lift it. Talk to them, or take that right from their roles first.',
} as const satisfies Record<Extract<Problem, { code: 'E_BLOCK' }>['whom'], string>;
