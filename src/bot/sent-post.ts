import { type Client, DiscordAPIError, type Message } from 'discord.js';
import type { Snowflake } from '../domain/ids.ts';

/** A file that is on its way to Discord: its name, which no other has, tells whether it was taken. */
export interface SentPost {
  readonly channelId: Snowflake;
  readonly filename: string;
  readonly what: 'file' | 'voice message';
}

export function wordPosted(what: SentPost['what'], url: string): string {
  return `Posted as a ${what}: ${url}`;
}

/**
 * Looks for a post among the first hundred messages after an interaction.
 * @returns undefined where it is not, or where the channel may not be read.
 * @throws Error where Discord does not answer.
 */
export async function findPost(
  client: Client<true>,
  { channelId, filename }: SentPost,
  after: Snowflake,
): Promise<Message | undefined> {
  try {
    const channel = await client.channels.fetch(channelId);
    if (!channel?.isTextBased()) return undefined;
    const messages = await channel.messages.fetch({ after, limit: 100 });
    return messages.find(
      ({ author, attachments }) =>
        author.id === client.user.id && attachments.some(({ name }) => name === filename),
    );
  } catch (error) {
    if (error instanceof DiscordAPIError) return undefined;
    throw error;
  }
}
