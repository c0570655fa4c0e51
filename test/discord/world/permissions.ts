import type { Channel, Guild } from './world.ts';

const bit = (place: number) => 1n << BigInt(place);

/** Discord's permissions by their names in discord.js. */
export const PERMISSIONS = {
  CreateInstantInvite: bit(0),
  KickMembers: bit(1),
  BanMembers: bit(2),
  Administrator: bit(3),
  ManageChannels: bit(4),
  ManageGuild: bit(5),
  AddReactions: bit(6),
  ViewAuditLog: bit(7),
  PrioritySpeaker: bit(8),
  Stream: bit(9),
  ViewChannel: bit(10),
  SendMessages: bit(11),
  SendTTSMessages: bit(12),
  ManageMessages: bit(13),
  EmbedLinks: bit(14),
  AttachFiles: bit(15),
  ReadMessageHistory: bit(16),
  MentionEveryone: bit(17),
  UseExternalEmojis: bit(18),
  Connect: bit(20),
  Speak: bit(21),
  MuteMembers: bit(22),
  DeafenMembers: bit(23),
  MoveMembers: bit(24),
  UseVAD: bit(25),
  ChangeNickname: bit(26),
  ManageNicknames: bit(27),
  ManageRoles: bit(28),
  ManageWebhooks: bit(29),
  UseApplicationCommands: bit(31),
  RequestToSpeak: bit(32),
  ManageThreads: bit(34),
  CreatePublicThreads: bit(35),
  SendMessagesInThreads: bit(38),
  ModerateMembers: bit(40),
  SendVoiceMessages: bit(46),
  SendPolls: bit(49),
  UseExternalApps: bit(50),
  PinMessages: bit(51),
  BypassSlowmode: bit(52),
} as const;

export type Permission = keyof typeof PERMISSIONS;

const ALL = Object.values(PERMISSIONS).reduce((all, one) => all | one, 0n);

/** What @everyone may do in a server that was just made. */
export const EVERYONE: readonly Permission[] = [
  'CreateInstantInvite',
  'AddReactions',
  'Stream',
  'ViewChannel',
  'SendMessages',
  'EmbedLinks',
  'AttachFiles',
  'ReadMessageHistory',
  'MentionEveryone',
  'UseExternalEmojis',
  'Connect',
  'Speak',
  'UseVAD',
  'ChangeNickname',
  'UseApplicationCommands',
  'RequestToSpeak',
  'CreatePublicThreads',
  'SendMessagesInThreads',
  'SendVoiceMessages',
  'SendPolls',
  'UseExternalApps',
];

/** What the bot's invite link asks for. */
export const INVITED: readonly Permission[] = [
  'AddReactions',
  'ViewChannel',
  'SendMessages',
  'EmbedLinks',
  'AttachFiles',
  'ReadMessageHistory',
  'Connect',
  'Speak',
  'SendMessagesInThreads',
  'SendVoiceMessages',
];

/** What an app holds in its direct messages. */
export const IN_MESSAGES = bitsOf([
  'ViewChannel',
  'SendMessages',
  'EmbedLinks',
  'AttachFiles',
  'ReadMessageHistory',
  'MentionEveryone',
  'UseExternalEmojis',
  'SendVoiceMessages',
]);

export function bitsOf(permissions: readonly Permission[]): bigint {
  return permissions.reduce((bits, name) => bits | PERMISSIONS[name], 0n);
}

/**
 * What a member may do in a channel (or the server at large), worked out as Discord documents it:
 * roles, then the overwrites of the channel (a thread has its channel's) of everyone, of roles, of the member; a time-out leaves only
 * looking and reading.
 */
export function permissionsIn(
  guild: Guild,
  userId: string,
  channel: Channel | undefined,
  now: number,
): bigint {
  const member = guild.members.get(userId);
  if (!member) return 0n;
  if (guild.ownerId === userId) return ALL;
  const roleIds = [guild.id, ...member.roleIds];
  let bits = roleIds.reduce((sum, id) => sum | (guild.roles.get(id)?.permissions ?? 0n), 0n);
  if (bits & PERMISSIONS.Administrator) return ALL;
  const place = channel && isThread(channel) ? guild.channels.get(channel.parentId ?? '') : channel;
  const overwrites = (place?.overwrites ?? []).filter(
    ({ id }) => id === userId || roleIds.includes(id),
  );
  const of = (fits: (id: string) => boolean) => {
    const those = overwrites.filter(({ id }) => fits(id));
    for (const { deny } of those) bits &= ~deny;
    for (const { allow } of those) bits |= allow;
  };
  of((id) => id === guild.id);
  of((id) => id !== guild.id && id !== userId);
  of((id) => id === userId);
  if ((member.timedOutUntil ?? 0) > now)
    bits &= PERMISSIONS.ViewChannel | PERMISSIONS.ReadMessageHistory;
  return bits;
}

/** Whether somebody sees a channel at all; a private thread is seen by who is in it. */
export function sees(guild: Guild, userId: string, channel: Channel, now: number): boolean {
  const held = permissionsIn(guild, userId, channel, now);
  if ((held & PERMISSIONS.ViewChannel) === 0n) return false;
  const isIn = channel.memberIds?.has(userId) ?? true;
  return isIn || (held & PERMISSIONS.ManageThreads) !== 0n;
}

/** Whether it is a thread, public or private. */
export function isThread({ kind }: Channel): boolean {
  return kind === 'thread' || kind === 'privateThread';
}
