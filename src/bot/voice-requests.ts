import { type Client, Events, Status } from 'discord.js';
import type { Snowflake } from '../domain/ids.ts';

/** Tells Discord through the gateway of a server where the bot is to be heard (opcode 4). */
export type SendRequest = (guildId: Snowflake, payload: unknown) => void;

/** Also while guilds are still named, Discord listens. */
const LISTENING: readonly Status[] = [Status.Ready, Status.WaitingForGuilds];

/**
 * Sends requests at once, or the last one of each server when its gateway is back. The library would
 * hold them all until a session begins anew, which may be days away: it takes a resumed one for none.
 */
export function createVoiceRequests(client: Client): SendRequest {
  const held = new Map<Snowflake, unknown>();

  function send(guildId: Snowflake, payload: unknown): void {
    const shard = client.guilds.cache.get(guildId)?.shard;
    held.delete(guildId);
    if (!shard) return;
    if (LISTENING.includes(shard.status)) shard.send(payload);
    else held.set(guildId, payload);
  }

  function sendHeld(): void {
    for (const [guildId, payload] of [...held]) send(guildId, payload);
  }

  client.on(Events.ShardReady, sendHeld);
  client.on(Events.ShardResume, sendHeld);
  return send;
}
