import {
  type Client,
  DiscordAPIError,
  type Message,
  type MessageCreateOptions,
  MessageFlags,
  RESTJSONErrorCodes,
} from 'discord.js';
import { UserError } from '../domain/errors.ts';
import { publicId, type Snowflake } from '../domain/ids.ts';
import type { ButtonRow } from './buttons.ts';

/**
 * Posts a message by Create Message. Where an answer is lost the library asks again, and Discord,
 * which knows the nonce for some minutes, returns what it has made instead of making a second one.
 * @throws UserError E_POST_FAILED, E_FILE_BIG.
 */
export async function post(
  client: Client,
  channelId: Snowflake,
  message: MessageCreateOptions,
  nonce: string = publicId(),
): Promise<Message> {
  try {
    const channel = await client.channels.fetch(channelId);
    if (channel?.isSendable()) return await channel.send({ ...message, nonce, enforceNonce: true });
  } catch (error) {
    if (!(error instanceof DiscordAPIError)) throw error;
    if (error.code === RESTJSONErrorCodes.RequestEntityTooLarge)
      throw new UserError({ code: 'E_FILE_BIG', format: 'audio' }, { cause: error });
    if (error.status !== 403 && error.status !== 404) throw error;
    throw new UserError({ code: 'E_POST_FAILED', channelId }, { cause: error });
  }
  throw new UserError({ code: 'E_POST_FAILED', channelId });
}

/** Posts a note that nobody is notified of, such as the disclosure in a voice channel's own chat. */
export async function postNote(
  client: Client,
  channelId: Snowflake,
  content: string,
  components: readonly ButtonRow[] = [],
): Promise<Message> {
  const flags = MessageFlags.SuppressNotifications;
  return await post(client, channelId, { content, components, flags });
}

/** Writes to somebody in private. @throws UserError as `post` does. */
export async function postPrivately(
  client: Client,
  userId: Snowflake,
  message: MessageCreateOptions,
): Promise<Message> {
  const { id } = await client.users.createDM(userId);
  return await post(client, id, message);
}
