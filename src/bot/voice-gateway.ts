import { type Client, Events, GatewayDispatchEvents } from 'discord.js';
import type { Sessions } from '../playback/sessions.ts';
import { leaving } from '../playback/voice-messages.ts';
import { humansIn } from './presence.ts';
import { findSuppression } from './stage.ts';
import type { SendRequest } from './voice-requests.ts';

/** Hands the gateway's news of voice channels to the sessions. @param send to leave where none is. */
export function feedSessions(client: Client<true>, sessions: Sessions, send: SendRequest): void {
  client.ws.on(GatewayDispatchEvents.VoiceServerUpdate, (payload: { guild_id: string }) => {
    sessions.voiceServer(payload.guild_id, payload);
  });
  client.ws.on(GatewayDispatchEvents.VoiceStateUpdate, (payload: OwnVoiceState) => {
    const { user_id: userId, guild_id: guildId, channel_id: channelId } = payload;
    if (userId !== client.user.id || !guildId) return;
    // A channel that nobody called it to, or left before it came: the members there would see a bot
    // that no command knows of. Whatever is asked for from now on is asked for after this.
    const isGhost = channelId !== null && sessions.whereIs(guildId) === undefined;
    if (isGhost) send(guildId, leaving(guildId));
    sessions.voiceState(guildId, channelId, payload);
  });
  client.on(Events.VoiceStateUpdate, (before, now) => {
    const { guild } = now;
    countListeners(client, sessions, guild.id);
    if (now.id !== client.user.id) return;
    const why = findSuppression(before, now);
    if (why) sessions.withdraw(guild.id, why);
    sessions.suppressed(guild.id, now.suppress ?? false);
  });
  client.on(Events.GuildAvailable, ({ id, members }) => {
    // A gateway session that could not be resumed took the bot out of its channel.
    if (!members.me?.voice.channelId) sessions.rejoin(id);
    countListeners(client, sessions, id);
  });
  client.on(Events.GuildDelete, ({ id }) => {
    sessions.withdraw(id, 'guild-gone');
    sessions.leave(id);
  });
  client.on(Events.ChannelDelete, (channel) => {
    if (channel.isDMBased() || sessions.whereIs(channel.guildId) !== channel.id) return;
    sessions.withdraw(channel.guildId, 'channel-gone');
    sessions.leave(channel.guildId);
  });
}

/** Tells the session of a guild how many people hear it. */
export function countListeners(client: Client<true>, sessions: Sessions, guildId: string): void {
  const channelId = sessions.whereIs(guildId);
  if (channelId === undefined) return;
  sessions.listenersChanged(guildId, humansIn({ client }, channelId).length);
}

interface OwnVoiceState {
  readonly user_id: string;
  readonly guild_id?: string;
  readonly channel_id: string | null;
}
