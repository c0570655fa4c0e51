import { channelJson, dmJson, guildJson, memberJson } from '../../wire/guild.ts';
import { addMessage, deleteMessage, editMessage, FLAGS } from '../../world/messages.ts';
import { isThread, PERMISSIONS, permissionsIn, sees } from '../../world/permissions.ts';
import type { Channel, Message, World } from '../../world/world.ts';
import { refuse } from '../api-error.ts';
import { composeMessage } from '../compose.ts';
import type { ApiRequest } from '../request.ts';
import type { Route } from './routes.ts';

/** "The past few minutes" in which Discord knows a nonce again. */
const NONCE_LIFE_MS = 3 * 60_000;

/** Channels, their messages, and who is in a server. */
export const channelRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/channels/:channel',
    run: ({ world, params }) => {
      const channel = findChannel(world, params['channel']);
      checkSeen(world, channel);
      return {
        status: 200,
        body: channel.kind === 'dm' ? dmJson(world, channel) : channelJson(channel),
      };
    },
  },
  {
    method: 'GET',
    path: '/channels/:channel/messages',
    run: ({ world, params, request: { query } }) => {
      const channel = findChannel(world, params['channel']);
      checkSeen(world, channel);
      return { status: 200, body: listMessages(world, channel, query) };
    },
  },
  {
    method: 'POST',
    path: '/channels/:channel/messages',
    run: ({ world, params, request }) => {
      const channel = findChannel(world, params['channel']);
      checkMaySend(world, channel, request);
      const fields = composeMessage(world, request, { way: 'create', channel });
      const first = isEnforced(request) && findByNonce(world, fields.nonce);
      const message = first || addMessage(world, { channel, author: world.bot, fields });
      return { status: 200, body: message.json };
    },
  },
  {
    method: 'GET',
    path: '/channels/:channel/messages/:message',
    run: ({ world, params }) => ({ status: 200, body: findMessage(world, params).json }),
  },
  {
    method: 'PATCH',
    path: '/channels/:channel/messages/:message',
    run: ({ world, params, request }) => {
      const message = findMessage(world, params);
      if (message.json.author.id !== world.bot.id) throw refuse('notYourMessage');
      const channel = findChannel(world, params['channel']);
      editMessage(
        world,
        message,
        composeMessage(world, request, { way: 'edit', channel, existing: message.json }),
      );
      return { status: 200, body: message.json };
    },
  },
  {
    method: 'DELETE',
    path: '/channels/:channel/messages/:message',
    run: ({ world, params }) => {
      deleteMessage(world, findMessage(world, params));
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    path: '/users/@me/channels',
    run: ({ world, request }) => {
      const { recipient_id: id } = request.body as { recipient_id: string };
      const user = world.users.get(id);
      if (!user) throw refuse('unknownUser');
      return { status: 200, body: dmJson(world, dmWith(world, user.id)) };
    },
  },
  {
    method: 'GET',
    path: '/guilds/:guild',
    run: ({ world, params }) => {
      const guild = world.guilds.get(params['guild'] ?? '');
      if (!guild) throw refuse('unknownGuild');
      return { status: 200, body: guildJson(guild) };
    },
  },
  {
    method: 'GET',
    path: '/guilds/:guild/members/:user',
    run: ({ world, params }) => {
      const guild = world.guilds.get(params['guild'] ?? '');
      if (!guild) throw refuse('unknownGuild');
      const user = params['user'] ?? '';
      if (!world.users.has(user)) throw refuse('unknownUser');
      const member = guild.members.get(user);
      if (!member) throw refuse('unknownMember');
      return { status: 200, body: memberJson(guild, member) };
    },
  },
];

/** The direct message channel with somebody, made on first use. */
export function dmWith(world: World, userId: string): Channel {
  const known = [...world.channels.values()].find(({ recipientId }) => recipientId === userId);
  if (known) return known;
  const channel: Channel = {
    id: world.nextId(),
    kind: 'dm',
    name: '',
    guildId: undefined,
    parentId: undefined,
    recipientId: userId,
    overwrites: [],
    memberIds: undefined,
    slowModeSeconds: 0,
    userLimit: 0,
    messages: new Map(),
  };
  world.channels.set(channel.id, channel);
  return channel;
}

function findChannel(world: World, id = ''): Channel {
  const channel = world.channels.get(id);
  if (!channel) throw refuse('unknownChannel');
  return channel;
}

/** The newest first; none to whom the history may not be read. Of those after one, the oldest. */
function listMessages(world: World, channel: Channel, query: URLSearchParams) {
  const guild = world.guilds.get(channel.guildId ?? '');
  const held = guild && permissionsIn(guild, world.bot.id, channel, world.clock());
  if (held !== undefined && (held & PERMISSIONS.ReadMessageHistory) === 0n) return [];
  const limit = Number(query.get('limit') ?? 50);
  const after = query.get('after');
  const shown = [...channel.messages.values()].filter(
    ({ id, isDeleted, ephemeralTo }) =>
      !isDeleted && ephemeralTo === undefined && BigInt(id) > BigInt(after ?? 0),
  );
  const page = after === null ? shown.slice(-limit) : shown.slice(0, limit);
  return page.map(({ json }) => json).toReversed();
}

function findMessage(world: World, params: Readonly<Record<string, string>>): Message {
  const message = findChannel(world, params['channel']).messages.get(params['message'] ?? '');
  if (!message || message.ephemeralTo !== undefined) throw refuse('unknownMessage');
  return message;
}

function isEnforced({ body }: ApiRequest): boolean {
  return (body as { enforce_nonce?: boolean }).enforce_nonce === true;
}

/** What the bot has posted under the same nonce in the last minutes, in whatever channel. */
function findByNonce(world: World, nonce: string | number | undefined): Message | undefined {
  const since = world.clock() - NONCE_LIFE_MS;
  const messages = [...world.channels.values()].flatMap((channel) => [
    ...channel.messages.values(),
  ]);
  return messages.find(
    ({ json }) =>
      nonce !== undefined &&
      json.nonce === nonce &&
      json.author.id === world.bot.id &&
      Date.parse(json.timestamp) >= since,
  );
}

/** @throws ApiError 50001, 50013, 50007, 50173 as Discord does. */
function checkMaySend(world: World, channel: Channel, { body, files }: ApiRequest): void {
  if (channel.kind === 'category') throw refuse('notText');
  const guild = world.guilds.get(channel.guildId ?? '');
  if (!guild) {
    const user = world.users.get(channel.recipientId ?? '');
    if (user?.refusesMessages) throw refuse('cannotMessageUser');
    return;
  }
  checkSeen(world, channel);
  const held = permissionsIn(guild, world.bot.id, channel, world.clock());
  const has = (bit: bigint) => (held & bit) !== 0n;
  const send = isThread(channel) ? PERMISSIONS.SendMessagesInThreads : PERMISSIONS.SendMessages;
  if (!has(send)) throw refuse('missingPermissions');
  const flags = (body as { flags?: number } | undefined)?.flags ?? 0;
  if ((flags & FLAGS.voice) !== 0) {
    if (!has(PERMISSIONS.SendVoiceMessages)) throw refuse('voiceNotHere');
  } else if (files.length > 0 && !has(PERMISSIONS.AttachFiles)) throw refuse('missingPermissions');
}

/** @throws ApiError 50001 for a channel of a server that the bot does not see. */
function checkSeen(world: World, channel: Channel): void {
  const guild = world.guilds.get(channel.guildId ?? '');
  if (guild && !sees(guild, world.bot.id, channel, world.clock())) throw refuse('missingAccess');
}
