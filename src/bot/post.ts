import {
  AttachmentBuilder,
  type Client,
  DiscordAPIError,
  type MessageCreateOptions,
  MessageFlags,
  RESTJSONErrorCodes,
} from 'discord.js';
import { UserError } from '../domain/errors.ts';
import type { ButtonRow } from './buttons.ts';
import { isOutage } from './outage.ts';

/** A public message of ours and where it stands. */
export interface Posted {
  readonly id: string;
  readonly url: string;
}

/**
 * Posts a file with its disclosure by Create Message.
 * @throws UserError E_POST_FAILED, E_FILE_BIG, E_DISCORD_DOWN.
 */
export async function postFile(
  client: Client<true>,
  channelId: string,
  post: { content: string; filename: string; bytes: Uint8Array },
): Promise<Posted> {
  const file = new AttachmentBuilder(Buffer.from(post.bytes), { name: post.filename });
  return await sendSound(client, channelId, { content: post.content, files: [file] });
}

/**
 * Posts a native voice message, which carries no text: the disclosure goes before it.
 * @throws UserError E_POST_FAILED, E_FILE_BIG, E_DISCORD_DOWN.
 */
export async function postVoiceMessage(
  client: Client<true>,
  channelId: string,
  post: {
    disclosure: string;
    filename: string;
    ogg: Uint8Array;
    seconds: number;
    waveform: string;
  },
): Promise<Posted> {
  const disclosure = await sendSound(client, channelId, { content: post.disclosure });
  const file = new AttachmentBuilder(Buffer.from(post.ogg), { name: post.filename })
    .setDuration(post.seconds)
    .setWaveform(post.waveform);
  try {
    return await sendSound(client, channelId, {
      files: [file],
      flags: MessageFlags.IsVoiceMessage,
    });
  } catch (error) {
    // A disclosure of nothing would only puzzle the channel; if it cannot go, it stays.
    await Promise.allSettled([disclosure.delete()]);
    throw error;
  }
}

/** Posts a note that nobody is notified of, such as the disclosure in a voice channel's own chat. */
export async function postNote(
  client: Client<true>,
  channelId: string,
  content: string,
  components: readonly ButtonRow[] = [],
) {
  const flags = MessageFlags.SuppressNotifications;
  return await send(client, channelId, { content, components, flags });
}

/** @throws UserError E_DISCORD_DOWN as well: the sound is there, and can be posted later. */
async function sendSound(client: Client<true>, channelId: string, message: MessageCreateOptions) {
  try {
    return await send(client, channelId, message);
  } catch (error) {
    if (!isOutage(error)) throw error;
    throw new UserError({ code: 'E_DISCORD_DOWN' }, { cause: error });
  }
}

async function send(client: Client<true>, channelId: string, message: MessageCreateOptions) {
  try {
    const channel = await client.channels.fetch(channelId);
    if (channel?.isSendable()) return await channel.send(message);
  } catch (error) {
    if (!(error instanceof DiscordAPIError)) throw error;
    if (error.code === RESTJSONErrorCodes.RequestEntityTooLarge)
      throw new UserError({ code: 'E_FILE_BIG', format: 'audio' }, { cause: error });
    if (error.status !== 403 && error.status !== 404) throw error;
    throw new UserError({ code: 'E_POST_FAILED', channelId }, { cause: error });
  }
  throw new UserError({ code: 'E_POST_FAILED', channelId });
}
