import {
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type GuildMember,
  type GuildTextBasedChannel,
  PermissionFlagsBits,
  type PermissionsBitField,
  type VoiceBasedChannel,
} from 'discord.js';
import { UserError, type Withdrawal } from '../domain/errors.ts';
import { isHeard, isStage } from './stage.ts';

/** Permissions as Discord's own settings name them. */
const NAMES = {
  ViewChannel: 'View Channel',
  SendMessages: 'Send Messages',
  SendMessagesInThreads: 'Send Messages in Threads',
  AttachFiles: 'Attach Files',
  SendVoiceMessages: 'Send Voice Messages',
  Connect: 'Connect',
  Speak: 'Speak',
  RequestToSpeak: 'Request to Speak',
} as const satisfies Partial<Record<keyof typeof PermissionFlagsBits, string>>;

type Right = keyof typeof NAMES;
/** A note is only text; a message is a native voice message. */
export type Post = 'note' | 'file' | 'message';

/** Speak means nothing on a stage, whose moderators decide who is heard. */
const ENTERING: readonly Right[] = ['ViewChannel', 'Connect'];
const SPEAKING: readonly Right[] = [...ENTERING, 'Speak'];

/**
 * Checks that both the member and the bot may post this where the interaction happened.
 * @throws UserError E_MEMBER_PERMS, E_BOT_PERMS, E_NOT_ALLOWED, E_THREAD_UNSEEN.
 */
export function checkMayPost(
  interaction: ChatInputCommandInteraction<'cached'> | ButtonInteraction<'cached'>,
  what: 'file' | 'message',
): void {
  const { channelId, channel } = interaction;
  const rights = rightsToPost(what, channel?.isThread() ?? false);
  checkNotTimedOut(interaction.member);
  // Its rights there are those in the channel of the thread, and still it sees nothing of it.
  const isUnseen = !channel && interaction.appPermissions.has(PermissionFlagsBits.ViewChannel);
  if (isUnseen) {
    const botId = interaction.client.user.id;
    throw new UserError({ code: 'E_THREAD_UNSEEN', channelId, botId });
  }
  demand(rights, interaction.memberPermissions, 'E_MEMBER_PERMS', channelId);
  demand(rights, interaction.appPermissions, 'E_BOT_PERMS', channelId);
}

/** What the bot lacks to post this there, as Discord names it. */
export function findLacks(channel: GuildTextBasedChannel, what: Post): readonly string[] {
  const { me } = channel.guild.members;
  return me ? lacking(rightsToPost(what, channel.isThread()), channel.permissionsFor(me)) : [];
}

function rightsToPost(what: Post, isThread: boolean): readonly Right[] {
  const writing: Right[] = ['ViewChannel', isThread ? 'SendMessagesInThreads' : 'SendMessages'];
  if (what === 'note') return writing;
  return [...writing, what === 'file' ? 'AttachFiles' : 'SendVoiceMessages'];
}

/**
 * Checks that both the member and the bot may speak in a voice channel, and that there is room.
 * @throws UserError E_MEMBER_PERMS, E_BOT_PERMS, E_CHANNEL_FULL, E_NOT_ALLOWED.
 */
export function checkMaySpeak(member: GuildMember, channel: VoiceBasedChannel): void {
  checkMayBring(member, channel);
  if (!isHeard(member, channel)) throw new UserError({ code: 'E_NOT_ALLOWED', why: 'audience' });
}

/**
 * Checks the same but for a member's own place on a stage, which is not needed to bring the bot.
 * @throws UserError E_MEMBER_PERMS, E_BOT_PERMS, E_CHANNEL_FULL, E_NOT_ALLOWED.
 */
export function checkMayBring(member: GuildMember, channel: VoiceBasedChannel): void {
  checkNotTimedOut(member);
  if (member.voice.serverMute) throw new UserError({ code: 'E_NOT_ALLOWED', why: 'muted' });
  if (isAfk(channel)) throw new UserError({ code: 'E_NOT_ALLOWED', why: 'afk' });
  demand(speakingIn(channel), channel.permissionsFor(member), 'E_MEMBER_PERMS', channel.id);
  const me = channel.guild.members.me;
  if (!me) return;
  // Its own chat must be told whose AI voice is heard.
  const disclosing: Right[] = [...speakingIn(channel), 'SendMessages'];
  const held = channel.permissionsFor(me);
  const isLet = isHeard(me, channel) || held.has(PermissionFlagsBits.MuteMembers);
  demand(isLet ? disclosing : [...disclosing, 'RequestToSpeak'], held, 'E_BOT_PERMS', channel.id);
  if (isFullFor(me, channel))
    throw new UserError({ code: 'E_CHANNEL_FULL', channelId: channel.id });
}

/** What stands against being heard there now, though it was allowed before. */
export function findVoiceObjection(
  member: GuildMember,
  channel: VoiceBasedChannel,
): Withdrawal | undefined {
  const { me } = channel.guild.members;
  const speaks = (who: GuildMember) => channel.permissionsFor(who).has([...speakingIn(channel)]);
  if (member.voice.channelId === null) return 'left-voice';
  if (member.voice.serverMute) return 'muted';
  if (me?.voice.serverMute) return 'bot-muted';
  if (isAfk(channel)) return 'afk';
  if (!speaks(member)) return 'no-speak';
  if (!isHeard(member, channel)) return 'audience';
  if (me && !speaks(me)) return 'bot-no-speak';
  return me && isFullFor(me, channel) ? 'full' : undefined;
}

function speakingIn(channel: VoiceBasedChannel): readonly Right[] {
  return isStage(channel) ? ENTERING : SPEAKING;
}

/** Where members are put who are away: nobody is heard there. */
function isAfk({ id, guild }: VoiceBasedChannel): boolean {
  return id === guild.afkChannelId;
}

/** Whether there is no room for somebody who is not in it. */
function isFullFor(who: GuildMember, channel: VoiceBasedChannel): boolean {
  const { userLimit, members } = channel;
  const isFull = userLimit > 0 && members.size >= userLimit && !members.has(who.id);
  return isFull && !channel.permissionsFor(who).has(PermissionFlagsBits.MoveMembers);
}

function checkNotTimedOut(member: GuildMember): void {
  if (member.isCommunicationDisabled())
    throw new UserError({ code: 'E_NOT_ALLOWED', why: 'timed-out' });
}

function demand(
  rights: readonly Right[],
  held: Readonly<PermissionsBitField> | null,
  code: 'E_MEMBER_PERMS' | 'E_BOT_PERMS',
  channelId: string,
): void {
  const permissions = lacking(rights, held);
  if (permissions.length > 0) throw new UserError({ code, permissions, channelId });
}

function lacking(
  rights: readonly Right[],
  held: Readonly<PermissionsBitField> | null,
): readonly string[] {
  return rights
    .filter((right) => !held?.has(PermissionFlagsBits[right]))
    .map((right) => NAMES[right]);
}
