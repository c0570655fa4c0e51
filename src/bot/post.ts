import { AttachmentBuilder, type Client, MessageFlags, type SendableChannels } from 'discord.js';

/** A public message of ours and where it stands. */
export interface Posted {
  readonly id: string;
  readonly url: string;
}

/** Posts a file with its disclosure by Create Message. */
export async function postFile(
  client: Client<true>,
  channelId: string,
  post: { content: string; filename: string; bytes: Uint8Array },
): Promise<Posted> {
  const channel = await sendableChannel(client, channelId);
  const file = new AttachmentBuilder(Buffer.from(post.bytes), { name: post.filename });
  return await channel.send({ content: post.content, files: [file] });
}

/** Posts a native voice message, which carries no text: the disclosure goes before it. */
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
  const channel = await sendableChannel(client, channelId);
  const disclosure = await channel.send({ content: post.disclosure });
  const file = new AttachmentBuilder(Buffer.from(post.ogg), { name: post.filename })
    .setDuration(post.seconds)
    .setWaveform(post.waveform);
  try {
    return await channel.send({ files: [file], flags: MessageFlags.IsVoiceMessage });
  } catch (error) {
    // A disclosure of nothing would only puzzle the channel.
    await disclosure.delete();
    throw error;
  }
}

/** Posts a plain note, such as the disclosure in a voice channel's own chat. */
export async function postNote(client: Client<true>, channelId: string, content: string) {
  const channel = await sendableChannel(client, channelId);
  return await channel.send({ content, flags: MessageFlags.SuppressNotifications });
}

async function sendableChannel(client: Client<true>, channelId: string): Promise<SendableChannels> {
  const channel = await client.channels.fetch(channelId);
  if (!channel?.isSendable()) throw new Error('Cannot post in a channel that takes no messages');
  return channel;
}
