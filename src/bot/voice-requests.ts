import { type Client, Events, Status } from 'discord.js';
import type { Snowflake } from '../domain/ids.ts';

/** Tells Discord through the gateway of a server where the bot is to be heard (opcode 4). */
export type SendRequest = (guildId: Snowflake, payload: unknown) => void;

/** Also while guilds are still named, Discord listens. */
const LISTENING: readonly Status[] = [Status.Ready, Status.WaitingForGuilds];

/**
 * Sends requests at once, or when the gateway is back, and then what Discord has not answered once
 * more: it may have been lost with the gateway that broke. The library would hold a request until a
 * session begins anew, which may be days away: it takes a resumed one for none.
 */
export function createVoiceRequests(client: Client): SendRequest {
  /** The last one of each server, also while it is not sent. */
  const unanswered = new Map<Snowflake, { payload: unknown; wasSent: boolean }>();

  function send(guildId: Snowflake, payload: unknown): void {
    const shard = client.guilds.cache.get(guildId)?.shard;
    unanswered.delete(guildId);
    if (!shard) return;
    const wasSent = LISTENING.includes(shard.status);
    unanswered.set(guildId, { payload, wasSent });
    if (wasSent) shard.send(payload);
  }

  client.on(Events.VoiceStateUpdate, (_, { id, guild, channelId }) => {
    if (id !== client.user?.id) return;
    const last = unanswered.get(guild.id);
    if (last?.wasSent && channelOf(last.payload) === channelId) unanswered.delete(guild.id);
  });
  client.on(Events.ShardResume, () => {
    for (const [guildId, { payload }] of [...unanswered]) send(guildId, payload);
  });
  // Where a session begins anew, each channel is asked for anew in any case.
  client.on(Events.ShardReady, () => {
    for (const [guildId, { payload, wasSent }] of [...unanswered])
      if (!wasSent) send(guildId, payload);
  });
  return send;
}

/** The channel that is asked for; null: to leave. */
function channelOf(payload: unknown): unknown {
  return (payload as { readonly d?: { readonly channel_id?: unknown } }).d?.channel_id;
}
