import { dmWith } from '../rest/routes/channels.ts';
import type { VoiceServer } from '../voice/server.ts';
import { channelJson, guildCreateJson, guildJson, roleJson } from '../wire/guild.ts';
import { bitsOf, EVERYONE, INVITED, type Permission } from '../world/permissions.ts';
import {
  type Channel,
  type ChannelKind,
  createUser,
  type Guild,
  type Role,
  type User,
  type World,
} from '../world/world.ts';
import { ban, change, depart, forget } from './departure.ts';
import { createMember, type Member } from './member.ts';
import { type SeenMessage, seeMessage } from './seen-message.ts';

const DAY_MS = 86_400_000;
const GUILDS = 1 << 0;

/** A server, as whoever sets it up sees it. */
export interface GuildView {
  readonly id: string;
  readonly guild: Guild;
  /** Where members type. */
  readonly lobby: Channel;
  readonly lounge: Channel;
  addChannel(
    kind: ChannelKind,
    name: string,
    options?: { slowModeSeconds?: number; userLimit?: number; parent?: Channel },
  ): Channel;
  /** A thread that was archived when the bot started: nobody has told it. */
  addOldThread(name: string, parent: Channel, options?: { slowModeSeconds?: number }): Channel;
  /** A thread that only they see, until one of them mentions another. */
  addPrivateThread(name: string, parent: Channel, members: readonly Member[]): Channel;
  addRole(name: string, permissions?: readonly Permission[]): Role;
  addMember(options: {
    name: string;
    roles?: readonly Role[];
    permissions?: readonly Permission[];
    accountAgeMs?: number;
    joinedAgoMs?: number;
    isBot?: boolean;
    /** An account that is there already. */
    user?: User;
  }): Member;
  /** Takes a permission from somebody in a channel. */
  deny(
    channel: Channel,
    id: string,
    kind: 'role' | 'member',
    permissions: readonly Permission[],
  ): void;
  /** Gives somebody a permission in a channel. */
  allow(
    channel: Channel,
    id: string,
    kind: 'role' | 'member',
    permissions: readonly Permission[],
  ): void;
  /** How many people fit into a voice channel; 0: any number. */
  limit(channel: Channel, userLimit: number): void;
  /** Names the channel where those are put who are away. */
  putsAwayTo(channel: Channel): void;
  /** Gives the bot rights beyond those of its invite link. */
  trustsBot(permissions: readonly Permission[]): void;
  kicks(member: Member): void;
  bans(member: Member): void;
  timesOut(member: Member, ms: number): void;
  /** Somebody is no member any more, and nobody is told, not even those with the intent. */
  loses(member: Member): void;
  messages(channel: Channel): readonly SeenMessage[];
  nextMessage(channel: Channel, fits?: (message: SeenMessage) => boolean): Promise<SeenMessage>;
}

export function createGuild(world: World, name: string, voice: VoiceServer | undefined): GuildView {
  const id = world.nextId(world.clock() - 300 * DAY_MS);
  const owner = createUser({
    id: world.nextId(world.clock() - 800 * DAY_MS),
    name: `${name} owner`,
  });
  const membership = (user: typeof owner, joinedAt: number, roleIds: readonly string[] = []) => ({
    user,
    joinedAt,
    roleIds: new Set(roleIds),
    nick: undefined,
    timedOutUntil: undefined,
  });
  const botRole: Role = { id: world.nextId(), name: 'Myna', permissions: bitsOf(INVITED) };
  const everyone: Role = { id, name: '@everyone', permissions: bitsOf(EVERYONE) };
  const monthAgo = world.clock() - 30 * DAY_MS;
  const guild: Guild = {
    id,
    name,
    ownerId: owner.id,
    locale: 'en-US',
    roles: new Map([everyone, botRole].map((role) => [role.id, role])),
    channels: new Map(),
    members: new Map([
      [owner.id, membership(owner, monthAgo)],
      [world.bot.id, membership(world.bot, monthAgo, [botRole.id])],
    ]),
    voiceStates: new Map(),
    bannedIds: new Set(),
    afkChannelId: null,
  };
  world.users.set(owner.id, owner);
  world.guilds.set(id, guild);

  const publish = (t: string, d: unknown) => world.publish({ t, intent: GUILDS, d });

  const view: GuildView = {
    id,
    guild,
    lobby: addChannel('text', 'lobby'),
    lounge: addChannel('voice', 'Lounge'),
    addChannel(kind, channelName, settings) {
      const channel = addChannel(kind, channelName, settings);
      publish('CHANNEL_CREATE', channelJson(channel));
      return channel;
    },
    addOldThread: (threadName, parent, settings) =>
      addChannel('thread', threadName, { ...settings, parent }),
    addPrivateThread: (threadName, parent, members) =>
      addChannel('privateThread', threadName, { parent, members }),
    addRole(roleName, permissions = []) {
      const role: Role = { id: world.nextId(), name: roleName, permissions: bitsOf(permissions) };
      guild.roles.set(role.id, role);
      publish('GUILD_ROLE_CREATE', { guild_id: id, role: roleJson(guild, role) });
      return role;
    },
    addMember({
      name: memberName,
      roles = [],
      permissions,
      accountAgeMs = 400 * DAY_MS,
      joinedAgoMs = 20 * DAY_MS,
      isBot = false,
      user = createUser({
        id: world.nextId(world.clock() - accountAgeMs),
        name: memberName,
        isBot,
      }),
    }) {
      const own = permissions ? [view.addRole(`${memberName}'s`, permissions)] : [];
      const roleIds = [...roles, ...own].map((role) => role.id);
      world.users.set(user.id, user);
      guild.members.set(user.id, membership(user, world.clock() - joinedAgoMs, roleIds));
      return createMember({
        world,
        user,
        guild,
        home: view.lobby,
        dmChannel: dmWith(world, user.id),
        voice,
      });
    },
    deny(channel, subject, kind, permissions) {
      channel.overwrites.push({ id: subject, kind, allow: 0n, deny: bitsOf(permissions) });
      publish('CHANNEL_UPDATE', channelJson(channel));
    },
    allow(channel, subject, kind, permissions) {
      channel.overwrites.push({ id: subject, kind, allow: bitsOf(permissions), deny: 0n });
      publish('CHANNEL_UPDATE', channelJson(channel));
    },
    limit(channel, userLimit) {
      channel.userLimit = userLimit;
      publish('CHANNEL_UPDATE', channelJson(channel));
    },
    putsAwayTo(channel) {
      guild.afkChannelId = channel.id;
      publish('GUILD_UPDATE', guildJson(guild));
    },
    trustsBot(permissions) {
      const role = view.addRole('Trusted', permissions);
      change(world, guild, world.bot, { roles: [role.id] });
    },
    kicks: (member) => depart(world, guild, member),
    bans: (member) => ban(world, guild, member),
    timesOut(member, ms) {
      change(world, guild, member, { timedOutUntil: world.clock() + ms });
    },
    loses: (member) => forget(guild, member),
    messages: (channel) =>
      [...channel.messages.values()]
        .filter(({ ephemeralTo }) => ephemeralTo === undefined)
        .map(({ json }) => seeMessage(world, json)),
    async nextMessage(channel, fits = () => true) {
      const seen = new Set(channel.messages.keys());
      return await world.watch.until(
        () => view.messages(channel).find((message) => !seen.has(message.id) && fits(message)),
        { what: 'a message', timeoutMs: 20_000 },
      );
    },
  };
  publish('GUILD_CREATE', guildCreateJson(world, guild, { withVoiceStates: true }));
  return view;

  function addChannel(
    kind: ChannelKind,
    channelName: string,
    {
      slowModeSeconds = 0,
      userLimit = 0,
      parent,
      members,
    }: {
      slowModeSeconds?: number;
      userLimit?: number;
      parent?: Channel;
      members?: readonly Member[];
    } = {},
  ): Channel {
    const channel: Channel = {
      id: world.nextId(),
      kind,
      name: channelName,
      guildId: id,
      parentId: parent?.id,
      recipientId: undefined,
      overwrites: [],
      memberIds: members && new Set(members.map(({ id }) => id)),
      slowModeSeconds,
      userLimit,
      messages: new Map(),
    };
    guild.channels.set(channel.id, channel);
    world.channels.set(channel.id, channel);
    return channel;
  }
}
