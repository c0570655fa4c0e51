import { type APIChannel, type Client, GatewayDispatchEvents } from 'discord.js';
import type { Snowflake } from '../domain/ids.ts';

/** Private threads that the bot is not in: all it is told of them is what their interactions say. */
export interface UnseenThreads {
  /** The channel that a thread belongs to. */
  parentOf(threadId: Snowflake): Snowflake | undefined;
}

/** The last ones are enough: each interaction tells of its thread anew. */
const REMEMBERED = 1_000;

/** Listens to the gateway itself: discord.js drops the channel of an interaction unless it knows it. */
export function watchUnseenThreads(client: Client): UnseenThreads {
  const parents = new Map<Snowflake, Snowflake>();
  const listener = ({ channel }: { channel?: Partial<APIChannel> }) => {
    if (!channel?.id || client.channels.cache.has(channel.id)) return;
    if (!('parent_id' in channel) || !channel.parent_id) return;
    // Anew, as the latest.
    parents.delete(channel.id);
    parents.set(channel.id, channel.parent_id);
    const [oldest] = parents.keys();
    if (parents.size > REMEMBERED && oldest !== undefined) parents.delete(oldest);
  };
  client.ws.on(GatewayDispatchEvents.InteractionCreate, listener);
  return { parentOf: (threadId) => parents.get(threadId) };
}
