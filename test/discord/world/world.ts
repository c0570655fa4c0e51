import type { APIApplicationCommand, APIMessage } from 'discord.js';
import type { Cdn } from '../cdn.ts';
import { type AdjustableClock, createClock } from './clock.ts';
import { createSnowflakes, type Snowflakes } from './snowflakes.ts';
import { createWatch, type Watch } from './watch.ts';

export interface User {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly isBot: boolean;
  /** Whether they refuse direct messages of people who are no friends. */
  refusesMessages: boolean;
  locale: string;
}

/** The application behind the bot; a test may change what its owner can change. */
export interface Application {
  readonly id: string;
  readonly name: string;
  owner: User;
  /** The team that owns it, if one does; those who have not accepted are invited only. */
  team: {
    readonly owner: User;
    readonly members: readonly User[];
    readonly invited: readonly User[];
  } | null;
  /** Holds among others whether the privileged intents are enabled. */
  flags: number;
  isPublic: boolean;
  requiresCodeGrant: boolean;
  interactionsEndpointUrl: string | null;
}

export interface Role {
  readonly id: string;
  readonly name: string;
  permissions: bigint;
}

export interface Overwrite {
  readonly id: string;
  readonly kind: 'role' | 'member';
  allow: bigint;
  deny: bigint;
}

/** Kinds of channels by their numbers on the wire. */
export const CHANNEL_TYPES = {
  text: 0,
  dm: 1,
  voice: 2,
  category: 4,
  news: 5,
  thread: 11,
  privateThread: 12,
  stage: 13,
} as const;
export type ChannelKind = keyof typeof CHANNEL_TYPES;

export interface Channel {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly name: string;
  readonly guildId: string | undefined;
  readonly parentId: string | undefined;
  /** The other end of a direct message. */
  readonly recipientId: string | undefined;
  readonly overwrites: Overwrite[];
  /** Who alone sees it: a private thread. */
  readonly memberIds: Set<string> | undefined;
  slowModeSeconds: number;
  userLimit: number;
  readonly messages: Map<string, Message>;
}

export interface Message {
  readonly id: string;
  readonly channelId: string;
  /** As it is now; replaced, never changed, by an edit. */
  json: APIMessage;
  readonly versions: { readonly json: APIMessage; readonly at: number }[];
  /** The one member who sees it, if it is ephemeral. */
  readonly ephemeralTo: string | undefined;
  isDeleted: boolean;
}

export interface GuildMember {
  readonly user: User;
  readonly joinedAt: number;
  readonly roleIds: Set<string>;
  nick: string | undefined;
  timedOutUntil: number | undefined;
}

export interface VoiceState {
  readonly userId: string;
  channelId: string | null;
  sessionId: string;
  isSelfMuted: boolean;
  isSelfDeaf: boolean;
  isMuted: boolean;
  isDeaf: boolean;
  isSuppressed: boolean;
  requestedToSpeakAt: string | null;
}

export interface Guild {
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly locale: string;
  readonly roles: Map<string, Role>;
  readonly channels: Map<string, Channel>;
  readonly members: Map<string, GuildMember>;
  readonly voiceStates: Map<string, VoiceState>;
  readonly bannedIds: Set<string>;
  /** Where those are put who are away. */
  afkChannelId: string | null;
}

/** An interaction between its event and the end of its token. */
export interface OpenInteraction {
  readonly id: string;
  readonly token: string;
  readonly type: 2 | 3 | 4 | 5;
  readonly at: number;
  /** `performance.now()` when the event left; what happens next is told relative to it. */
  readonly sentMs: number;
  readonly user: User;
  readonly channel: Channel;
  readonly commandName: string | undefined;
  /** The message whose button was pressed, also behind a modal that a button opened. */
  readonly source: Message | undefined;
  readonly callbacks: Callback[];
  original: Message | undefined;
  readonly followUps: Message[];
}

/** What the bot answered an interaction with first. */
export interface Callback {
  readonly type: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly status: number;
  readonly afterMs: number;
}

/** An event of the gateway, with the intent it takes (undefined: everybody gets it). */
export interface GatewayEvent {
  readonly t: string;
  readonly d: unknown;
  readonly intent: number | undefined;
  /** What is sent instead without the intent to see the content of messages. */
  readonly withoutContent?: unknown;
}

/** Everything this Discord knows. */
export interface World {
  readonly clock: AdjustableClock;
  readonly nextId: Snowflakes;
  readonly watch: Watch;
  readonly cdn: Cdn;
  readonly token: string;
  readonly application: Application;
  readonly bot: User;
  readonly users: Map<string, User>;
  readonly guilds: Map<string, Guild>;
  readonly channels: Map<string, Channel>;
  /** Registered commands under `global` or the id of a guild. */
  readonly commands: Map<string, readonly APIApplicationCommand[]>;
  readonly interactions: Map<string, OpenInteraction>;
  /** Tells the gateway and whoever waits. */
  publish(event: GatewayEvent): void;
  /** One listener: the gateway. */
  onEvent: (event: GatewayEvent) => void;
}

const DAY_MS = 86_400_000;

/** A Discord with one application, its owner and its bot, and no server yet. */
export function createWorld(options: {
  cdn: (clock: AdjustableClock, nextId: Snowflakes) => Cdn;
}): World {
  const clock = createClock();
  const nextId = createSnowflakes(clock);
  const watch = createWatch();
  const owner = createUser({ id: nextId(clock() - 900 * DAY_MS), name: 'Operator' });
  const bot = createUser({ id: nextId(clock() - 400 * DAY_MS), name: 'Myna', isBot: true });
  const world: World = {
    clock,
    nextId,
    watch,
    cdn: options.cdn(clock, nextId),
    token: makeToken(bot.id),
    application: {
      id: bot.id,
      name: bot.displayName,
      owner,
      team: null,
      flags: 0,
      isPublic: false,
      requiresCodeGrant: false,
      interactionsEndpointUrl: null,
    },
    bot,
    users: new Map([owner, bot].map((user) => [user.id, user])),
    guilds: new Map(),
    channels: new Map(),
    commands: new Map(),
    interactions: new Map(),
    publish(event) {
      world.onEvent(event);
      watch.changed();
    },
    onEvent: () => undefined,
  };
  return world;
}

export function createUser(options: {
  id: string;
  name: string;
  isBot?: boolean;
  locale?: string;
}): User {
  const { id, name, isBot = false, locale = 'en-US' } = options;
  const username = name.toLowerCase().replace(/[^a-z0-9._]/g, '') || 'someone';
  return { id, username, displayName: name, isBot, refusesMessages: false, locale };
}

/** Shaped like a real one: the bot's id, a time and a signature. */
function makeToken(botId: string): string {
  const part = (text: string) => Buffer.from(text).toString('base64url');
  return `${part(botId)}.${part('local!').slice(0, 6)}.${part(crypto.randomUUID()).slice(0, 38)}`;
}
