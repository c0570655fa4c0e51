import type { APIGuildMember, APIRole, APIVoiceState } from 'discord.js';
import { isThread, sees } from '../world/permissions.ts';
import {
  CHANNEL_TYPES,
  type Channel,
  type Guild,
  type GuildMember,
  type Role,
  type VoiceState,
  type World,
} from '../world/world.ts';
import { userJson } from './user.ts';

/** A server as REST shows it. */
export function guildJson(guild: Guild) {
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    splash: null,
    discovery_splash: null,
    owner_id: guild.ownerId,
    region: null,
    afk_channel_id: guild.afkChannelId,
    afk_timeout: 300,
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    roles: [...guild.roles.values()].map((role) => roleJson(guild, role)),
    emojis: [],
    features: [],
    mfa_level: 0,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    vanity_url_code: null,
    description: null,
    banner: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    preferred_locale: guild.locale,
    public_updates_channel_id: null,
    nsfw_level: 0,
    stickers: [],
    premium_progress_bar_enabled: false,
    hub_type: null,
    safety_alerts_channel_id: null,
    incidents_data: null,
  };
}

/**
 * A server as the gateway shows it to a bot without the presence intent: of the members only the
 * bot itself and those in voice.
 */
export function guildCreateJson(world: World, guild: Guild, options: { withVoiceStates: boolean }) {
  const voiceStates = options.withVoiceStates ? [...guild.voiceStates.values()] : [];
  const shown = [...guild.members.values()].filter(
    ({ user }) => user.id === world.bot.id || voiceStates.some(({ userId }) => userId === user.id),
  );
  const channels = [...guild.channels.values()];
  const isSeen = (thread: Channel) => sees(guild, world.bot.id, thread, world.clock());
  return {
    ...guildJson(guild),
    joined_at: new Date(guild.members.get(world.bot.id)?.joinedAt ?? 0).toISOString(),
    large: false,
    unavailable: false,
    member_count: guild.members.size,
    voice_states: voiceStates.map((state) => voiceStateJson(guild, state)),
    members: shown.map((member) => memberJson(guild, member)),
    channels: channels.filter((channel) => !isThread(channel)).map(channelJson),
    threads: channels.filter((channel) => isThread(channel) && isSeen(channel)).map(channelJson),
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

export function roleJson(guild: Guild, role: Role): APIRole {
  return {
    id: role.id,
    name: role.name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    position: [...guild.roles.keys()].indexOf(role.id),
    permissions: String(role.permissions),
    managed: false,
    mentionable: false,
    flags: 0 as never,
  };
}

export function memberJson(guild: Guild, member: GuildMember): APIGuildMember {
  const voice = guild.voiceStates.get(member.user.id);
  return {
    user: userJson(member.user),
    nick: member.nick ?? null,
    avatar: null,
    banner: null,
    roles: [...member.roleIds],
    joined_at: new Date(member.joinedAt).toISOString(),
    premium_since: null,
    deaf: voice?.isDeaf ?? false,
    mute: voice?.isMuted ?? false,
    flags: 0 as never,
    pending: false,
    communication_disabled_until:
      member.timedOutUntil === undefined ? null : new Date(member.timedOutUntil).toISOString(),
  };
}

export function channelJson(channel: Channel) {
  const { id, kind, name, guildId, parentId } = channel;
  const last = [...channel.messages.keys()].at(-1) ?? null;
  const isVoice = kind === 'voice' || kind === 'stage';
  return {
    id,
    type: CHANNEL_TYPES[kind],
    name,
    guild_id: guildId,
    parent_id: parentId ?? null,
    position: 0,
    nsfw: false,
    topic: null,
    last_message_id: last,
    rate_limit_per_user: channel.slowModeSeconds,
    flags: 0 as never,
    permission_overwrites: channel.overwrites.map(({ id, kind, allow, deny }) => ({
      id,
      type: kind === 'role' ? 0 : 1,
      allow: String(allow),
      deny: String(deny),
    })),
    ...(isVoice
      ? { bitrate: 64_000, user_limit: channel.userLimit, rtc_region: null, video_quality_mode: 1 }
      : {}),
    ...(isThread(channel) ? threadJson() : {}),
  };
}

function threadJson() {
  const metadata = {
    archived: false,
    auto_archive_duration: 1440,
    archive_timestamp: new Date(0).toISOString(),
    locked: false,
  };
  return { thread_metadata: metadata, message_count: 0, member_count: 1, total_message_sent: 0 };
}

/** A direct message channel as the bot's end sees it. */
export function dmJson(world: World, channel: Channel) {
  const recipient = world.users.get(channel.recipientId ?? '');
  return {
    id: channel.id,
    type: CHANNEL_TYPES.dm,
    last_message_id: [...channel.messages.keys()].at(-1) ?? null,
    flags: 0 as never,
    recipients: recipient ? [userJson(recipient)] : [],
  };
}

/** A member's voice state as it stands in a server's list, without the server's id. */
export function voiceStateJson(guild: Guild, state: VoiceState): APIVoiceState {
  const member = guild.members.get(state.userId);
  return {
    channel_id: state.channelId,
    user_id: state.userId,
    ...(member ? { member: memberJson(guild, member) } : {}),
    session_id: state.sessionId,
    deaf: state.isDeaf,
    mute: state.isMuted,
    self_deaf: state.isSelfDeaf,
    self_mute: state.isSelfMuted,
    self_video: false,
    suppress: state.isSuppressed,
    request_to_speak_timestamp: state.requestedToSpeakAt,
  };
}
