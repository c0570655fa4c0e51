import type { Problem, RuleRefusal } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import type { AccessRule } from '../store/guilds.ts';

/** What a rule is about, at the start of a sentence. */
export const TOPICS = {
  clone: 'Cloning',
  speak: 'Speaking',
  moderate: 'Moderating',
} as const satisfies Record<AccessRule['what'], string>;

/** What decides whether a channel's rule holds. */
export const WHERE =
  "A rule about a channel is about where the sound lands: a live line's voice channel, the channel a file or voice message is posted in; for cloning, where the command is used. It holds in the channel's threads too, and a category's in its channels.";

/** What a rule lacks that an admin asked for. */
export const RULE_NEEDS = {
  incomplete:
    'A rule needs both `what` it is about and the `rule` itself. With nothing filled in, `/admin access` shows all there are.',
  none: 'A rule needs somebody or somewhere: fill in `role`, `channel` or both.',
  'moderators-by-role': 'Moderators are named by `role`, not by channel. Leave `channel` out.',
} as const satisfies Record<Extract<Problem, { code: 'E_ACCESS_SUBJECT' }>['why'], string>;

/** A refusal says at most so many names, so that it stays one sentence. */
const MOST_REFUSED = 10;

/** What stands against it, what is allowed instead, and who decides. */
export function wordRuleRefusal(refusal: RuleRefusal): string {
  const { why, what } = refusal;
  const sentences = [
    wordDenied(refusal),
    wordAllowed(refusal),
    why === 'channel' && what === 'speak'
      ? 'What counts is where it lands: the voice channel it is heard in, or the channel a file is posted in.'
      : undefined,
    'An admin decides with `/admin access`.',
  ];
  return sentences.filter((sentence) => sentence !== undefined).join(' ');
}

function wordDenied({ why, what, guildId, denied }: RuleRefusal): string | undefined {
  if (denied.length === 0) return undefined;
  const names = wordSubjects(why, denied, { guildId, most: MOST_REFUSED });
  return why === 'role'
    ? `${TOPICS[what]} is not allowed to ${names} in this server.`
    : `${TOPICS[what]} is not allowed in ${names}.`;
}

function wordAllowed({ why, what, guildId, allowed }: RuleRefusal): string | undefined {
  if (allowed.length === 0) return undefined;
  const names = wordSubjects(why, allowed, { guildId, most: MOST_REFUSED, last: 'or' });
  return why === 'role'
    ? `${TOPICS[what]} is only for ${names} in this server.`
    : `${TOPICS[what]} is allowed only in ${names}.`;
}

/** Roles as the members who have them, channels as links; nobody is pinged by either. */
export function wordSubjects(
  subject: AccessRule['subject'],
  ids: readonly Snowflake[],
  { guildId, most, last = 'and' }: { guildId: Snowflake; most: number; last?: 'and' | 'or' },
): string {
  const names = ids.slice(0, most).map((id) => {
    if (subject === 'channel') return `<#${id}>`;
    // Every member has the role that bears the server's own id.
    return id === guildId ? '@everyone' : `<@&${id}>`;
  });
  const rest = ids.length - names.length;
  const all = rest > 0 ? [...names, `${rest} more`] : names;
  const list = LISTS[last].format(all);
  return subject === 'role' ? `members with ${list}` : list;
}

const LISTS = {
  and: new Intl.ListFormat('en'),
  or: new Intl.ListFormat('en', { type: 'disjunction' }),
};
