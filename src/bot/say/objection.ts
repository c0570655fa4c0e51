import type { Withdrawn } from '../../domain/errors.ts';
import type { Bot } from '../bot.ts';
import type { ReadyLine } from './ready-line.ts';

/** What stands against a line now; looked up anew only where something of it may have changed. */
export type Objections = (line: ReadyLine) => Promise<Withdrawn | undefined>;

export function watchObjections(bot: Pick<Bot, 'guilds' | 'store'>): Objections {
  let seen = '';
  let objection: Withdrawn | undefined;
  return async (line) => {
    const { member, actor } = line;
    const roles = [...member.roles.cache.keys()];
    const facts = [member.isCommunicationDisabled(), ...roles, ...actor.places];
    const now = `${bot.store.rightsVersion()} ${facts.join(' ')}`;
    if (now !== seen) objection = await findObjection(bot, line);
    seen = now;
    return objection;
  };
}

/**
 * What stands against a line, asked again right before it is heard and while it is: roles, blocks
 * and the switch of the server as they are now, the member still known, the voice still there.
 */
export async function findObjection(
  { guilds, store }: Pick<Bot, 'guilds' | 'store'>,
  { actor, requester, member, voice }: ReadyLine,
): Promise<Withdrawn | undefined> {
  const now = { ...actor, roleIds: [...member.roles.cache.keys()] };
  const objection = await guilds.access.findObjection('speak', now);
  if (objection) return objection;
  if (member.isCommunicationDisabled()) return { why: 'timed-out' };
  if ((await store.members.findRef(member.id)) !== requester) return { why: 'forgotten' };
  if (voice.kind === 'stock' || (await store.voices.find(voice.voice.id))) return undefined;
  return { why: 'voice-gone' };
}
