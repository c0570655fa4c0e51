import type { APIMessage } from 'discord.js';
import { memberJson } from '../wire/guild.ts';
import { userJson } from '../wire/user.ts';
import { sees } from './permissions.ts';
import type { Channel, Message, User, World } from './world.ts';

/** Flags of messages by their bits. */
export const FLAGS = {
  suppressEmbeds: 1 << 2,
  ephemeral: 1 << 6,
  loading: 1 << 7,
  suppressNotifications: 1 << 12,
  voice: 1 << 13,
  layout: 1 << 15,
} as const;

const INTENT_GUILD_MESSAGES = 1 << 9;
const INTENT_DIRECT_MESSAGES = 1 << 12;

/** Puts a message into a channel and tells the gateway, unless only one member may see it. */
export function addMessage(
  world: World,
  message: {
    channel: Channel;
    author: User;
    fields: Partial<APIMessage>;
    ephemeralTo?: string | undefined;
  },
): Message {
  const { channel, author, fields, ephemeralTo } = message;
  const id = world.nextId();
  const json: APIMessage = {
    id,
    type: 0,
    channel_id: channel.id,
    author: userJson(author),
    content: '',
    timestamp: new Date(world.clock()).toISOString(),
    edited_timestamp: null,
    tts: false,
    mention_everyone: false,
    mentions: [],
    mention_roles: [],
    attachments: [],
    embeds: [],
    components: [],
    pinned: false,
    flags: 0 as never,
    ...fields,
  };
  const stored: Message = {
    id,
    channelId: channel.id,
    json,
    versions: [{ json, at: performance.now() }],
    ephemeralTo,
    isDeleted: false,
  };
  channel.messages.set(id, stored);
  announce(world, channel, stored, 'MESSAGE_CREATE');
  return stored;
}

/** Replaces fields of a message; `edited_timestamp` is set unless it was only loading till now. */
export function editMessage(world: World, message: Message, fields: Partial<APIMessage>): void {
  const wasLoading = isLoading(message);
  const edited = wasLoading ? null : new Date(world.clock()).toISOString();
  message.json = { ...message.json, edited_timestamp: edited, ...fields };
  message.versions.push({ json: message.json, at: performance.now() });
  announce(world, channelOf(world, message), message, 'MESSAGE_UPDATE');
}

export function deleteMessage(world: World, message: Message): void {
  message.isDeleted = true;
  const channel = channelOf(world, message);
  const { id, guildId } = channel;
  channel.messages.delete(message.id);
  if (message.ephemeralTo !== undefined) return world.watch.changed();
  const place = guildId === undefined ? {} : { guild_id: guildId };
  world.publish({
    t: 'MESSAGE_DELETE',
    d: { id: message.id, channel_id: id, ...place },
    intent: intentOf(channel),
  });
}

/** Whether it still only says that the bot is thinking. */
export function isLoading({ json }: Message): boolean {
  return ((json.flags ?? 0) & FLAGS.loading) !== 0;
}

function announce(world: World, channel: Channel, message: Message, t: string): void {
  if (message.ephemeralTo !== undefined) return world.watch.changed();
  const guild = world.guilds.get(channel.guildId ?? '');
  if (guild && !sees(guild, world.bot.id, channel, world.clock())) return world.watch.changed();
  const member = guild?.members.get(message.json.author.id);
  const place = guild
    ? { guild_id: guild.id, ...(member ? { member: memberJson(guild, member) } : {}) }
    : {};
  const d = { ...message.json, ...place };
  const isOpen =
    guild === undefined ||
    message.json.author.id === world.bot.id ||
    message.json.mentions.some(({ id }) => id === world.bot.id);
  const closed = { ...d, content: '', embeds: [], attachments: [], components: [] };
  world.publish({ t, d, intent: intentOf(channel), ...(isOpen ? {} : { withoutContent: closed }) });
}

function intentOf({ guildId }: Channel): number {
  return guildId === undefined ? INTENT_DIRECT_MESSAGES : INTENT_GUILD_MESSAGES;
}

function channelOf(world: World, { channelId }: Message): Channel {
  const channel = world.channels.get(channelId);
  if (!channel) throw new Error(`The channel ${channelId} of a message is gone`);
  return channel;
}
