import type { Bot } from '../bot.ts';
import type { ReadyLine } from './ready-line.ts';

/**
 * Whether a line may be heard, asked again right before it is and while it is: roles, blocks and
 * the switch of the server as they are now, the member still known, the voice still there.
 */
export async function isStillAllowed(
  { guilds, store }: Pick<Bot, 'guilds' | 'store'>,
  { actor, requester, member, voice }: ReadyLine,
): Promise<boolean> {
  const now = { ...actor, roleIds: [...member.roles.cache.keys()] };
  if (!(await guilds.access.mayStillSpeak(now))) return false;
  if (member.isCommunicationDisabled()) return false;
  if ((await store.members.findRef(member.id)) !== requester) return false;
  return voice.kind === 'stock' || (await store.voices.find(voice.voice.id)) !== undefined;
}
