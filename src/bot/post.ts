import {
  type Channel,
  type Client,
  DiscordAPIError,
  type Message,
  type MessageCreateOptions,
  MessageFlags,
} from 'discord.js';
import { UserError } from '../domain/errors.ts';
import { publicId, type Snowflake } from '../domain/ids.ts';
import type { ButtonRow } from './buttons.ts';
import { problemOfRefusal } from './discord-refusals.ts';
import { findLacks } from './permissions.ts';

/** Reasons behind which a missing right may stand. */
const RIGHTS: readonly unknown[] = ['access', 'rights', 'voice-message'];

/**
 * Posts a message by Create Message. Where an answer is lost the library asks again, and Discord,
 * which knows the nonce for some minutes, returns what it has made instead of making a second one.
 * @throws UserError E_DISCORD_REFUSED, E_BOT_PERMS, E_FILE_BIG.
 */
export async function post(
  client: Client,
  channelId: Snowflake,
  message: MessageCreateOptions,
  nonce: string = publicId(),
): Promise<Message> {
  let channel: Channel | null = null;
  try {
    channel = await client.channels.fetch(channelId);
    if (channel?.isSendable()) return await channel.send({ ...message, nonce, enforceNonce: true });
  } catch (error) {
    throw error instanceof DiscordAPIError ? refusal(error, channel, message) : error;
  }
  throw new UserError({ code: 'E_DISCORD_REFUSED', why: 'place', channelId });
}

/** The words Discord has for it, and where a right is lacking, which. */
function refusal(
  error: DiscordAPIError,
  channel: Channel | null,
  { files, flags }: MessageCreateOptions,
): Error {
  const problem = problemOfRefusal(error);
  const isRight = problem?.code === 'E_DISCORD_REFUSED' && RIGHTS.includes(problem.why);
  if (isRight && channel?.isTextBased() && !channel.isDMBased()) {
    const what = flags === MessageFlags.IsVoiceMessage ? 'message' : files ? 'file' : 'note';
    const permissions = findLacks(channel, what);
    const { id: channelId } = channel;
    if (permissions.length > 0)
      return new UserError({ code: 'E_BOT_PERMS', permissions, channelId }, { cause: error });
  }
  return problem ? new UserError(problem, { cause: error }) : error;
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
