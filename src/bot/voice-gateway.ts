import { type Client, Events, GatewayDispatchEvents } from 'discord.js';
import type { Sessions } from '../playback/sessions.ts';
import { humansIn } from './presence.ts';
import { findSuppression } from './stage.ts';

/** Hands the gateway's news of voice channels to the sessions. */
export function feedSessions(client: Client<true>, sessions: Sessions): void {
  client.ws.on(GatewayDispatchEvents.VoiceServerUpdate, (payload: { guild_id: string }) => {
    sessions.voiceServer(payload.guild_id, payload);
  });
  client.ws.on(GatewayDispatchEvents.VoiceStateUpdate, (payload: OwnVoiceState) => {
    if (payload.user_id !== client.user.id || !payload.guild_id) return;
    sessions.voiceState(payload.guild_id, payload.channel_id, payload);
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
