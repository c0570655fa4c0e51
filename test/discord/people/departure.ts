import { memberJson } from '../wire/guild.ts';
import { userJson } from '../wire/user.ts';
import { PERMISSIONS, permissionsIn } from '../world/permissions.ts';
import type { Guild, World } from '../world/world.ts';
import type { Member } from './member.ts';

const GUILD_MEMBERS = 1 << 1;
const GUILD_MODERATION = 1 << 2;

/** A member leaves a server, or is kicked: out of voice first, and told to those with the intent. */
export function depart(world: World, guild: Guild, member: Member): void {
  if (guild.voiceStates.has(member.id)) member.leavesVoice();
  forget(guild, member);
  world.publish({
    t: 'GUILD_MEMBER_REMOVE',
    intent: GUILD_MEMBERS,
    d: { guild_id: guild.id, user: userJson(member.user) },
  });
}

/** The same without a word, as where an event was lost. */
export function forget(guild: Guild, { id }: Pick<Member, 'id'>): void {
  guild.members.delete(id);
}

/** A ban is also told of to bots that may ban, or see the audit log. */
export function ban(world: World, guild: Guild, member: Member): void {
  guild.bannedIds.add(member.id);
  depart(world, guild, member);
  const held = permissionsIn(guild, world.bot.id, undefined, world.clock());
  if ((held & (PERMISSIONS.BanMembers | PERMISSIONS.ViewAuditLog)) === 0n) return;
  world.publish({
    t: 'GUILD_BAN_ADD',
    intent: GUILD_MODERATION,
    d: { guild_id: guild.id, user: userJson(member.user) },
  });
}

/** Roles or a time-out of a member change, of which hears who has the intent. */
export function change(
  world: World,
  guild: Guild,
  { id }: Pick<Member, 'id'>,
  changes: { roles?: readonly string[]; timedOutUntil?: number },
): void {
  const known = guild.members.get(id);
  if (!known) throw new Error('There is no such member');
  for (const role of changes.roles ?? []) known.roleIds.add(role);
  known.timedOutUntil = changes.timedOutUntil ?? known.timedOutUntil;
  world.publish({
    t: 'GUILD_MEMBER_UPDATE',
    // Each bot always hears of itself.
    intent: id === world.bot.id ? undefined : GUILD_MEMBERS,
    d: { ...memberJson(guild, known), guild_id: guild.id },
  });
}
