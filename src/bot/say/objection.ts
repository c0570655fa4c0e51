import type { Withdrawal } from '../../domain/errors.ts';
import type { Bot } from '../bot.ts';
import type { ReadyLine } from './ready-line.ts';

/**
 * What stands against a line, asked again right before it is heard and while it is: roles, blocks
 * and the switch of the server as they are now, the member still known, the voice still there.
 */
export async function findObjection(
  { guilds, store }: Pick<Bot, 'guilds' | 'store'>,
  { actor, requester, member, voice }: ReadyLine,
): Promise<Withdrawal | undefined> {
  const now = { ...actor, roleIds: [...member.roles.cache.keys()] };
  const objection = await guilds.access.findObjection('speak', now);
  if (objection) return objection;
  if (member.isCommunicationDisabled()) return 'timed-out';
  if ((await store.members.findRef(member.id)) !== requester) return 'forgotten';
  if (voice.kind === 'stock' || (await store.voices.find(voice.voice.id))) return undefined;
  return 'voice-gone';
}
