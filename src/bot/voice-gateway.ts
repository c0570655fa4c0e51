import { type Client, Events, GatewayDispatchEvents } from 'discord.js';
import type { Sessions } from '../playback/sessions.ts';
import { humansIn } from './presence.ts';

/** Hands the gateway's news of voice channels to the sessions. */
export function feedSessions(client: Client<true>, sessions: Sessions): void {
  client.ws.on(GatewayDispatchEvents.VoiceServerUpdate, (payload: { guild_id: string }) => {
    sessions.voiceServer(payload.guild_id, payload);
  });
  client.ws.on(GatewayDispatchEvents.VoiceStateUpdate, (payload: OwnVoiceState) => {
    if (payload.user_id !== client.user.id || !payload.guild_id) return;
    sessions.voiceState(payload.guild_id, payload.channel_id, payload);
  });
  client.on(Events.VoiceStateUpdate, ({ guild }) => countListeners(client, sessions, guild.id));
  client.on(Events.GuildDelete, ({ id }) => sessions.leave(id));
  client.on(Events.ChannelDelete, (channel) => {
    if (channel.isDMBased()) return;
    if (sessions.whereIs(channel.guildId) === channel.id) sessions.leave(channel.guildId);
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
