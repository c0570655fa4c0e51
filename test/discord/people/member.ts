import { randomUUID } from 'node:crypto';
import type { Listener } from '../voice/listener.ts';
import type { VoiceServer } from '../voice/server.ts';
import { channelJson, dmJson, memberJson, voiceStateJson } from '../wire/guild.ts';
import { userJson } from '../wire/user.ts';
import { addMessage } from '../world/messages.ts';
import { IN_MESSAGES, permissionsIn } from '../world/permissions.ts';
import type {
  Channel,
  Guild,
  GuildMember,
  Message,
  OpenInteraction,
  User,
  World,
} from '../world/world.ts';
import { type Answer, createAnswer } from './answer.ts';
import { fillCommand, type OptionValue } from './options.ts';
import { type SeenMessage, seeMessage } from './seen-message.ts';

/** A person, in a server or in direct messages with the bot. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly user: User;
  /** As the server knows them: roles, time-out. */
  readonly membership: GuildMember | undefined;
  /** Types a slash command: `say`, or `voices list`. */
  runs(
    command: string,
    options?: Readonly<Record<string, OptionValue | undefined>>,
    how?: { channel?: Channel; isRaw?: boolean; data?: Record<string, unknown> },
  ): Promise<Answer>;
  /** What autocomplete offers while they type. */
  completes(
    command: string,
    option: string,
    typed: string,
  ): Promise<readonly { name: string; value: string }[]>;
  presses(message: Message, label: string): Promise<Answer>;
  /** Sends any `custom_id`, as a modified client could. */
  pressesRaw(message: Message, customId: string): Promise<Answer>;
  /** The same person in the bot's direct messages. */
  readonly dm: Member;
  readonly dmMessages: readonly SeenMessage[];
  /** Chats. */
  writes(channel: Channel, content: string): Message;
  /** On a stage: as a part of its audience. */
  joinsVoice(channel: Channel): Listener | undefined;
  leavesVoice(): void;
  /** Sets whether the server mutes them. */
  isMutedByServer(isMuted: boolean): void;
  /** Sets whether a moderator of the stage lets them speak. */
  isOnStage(isSpeaker: boolean): void;
}

const GUILDS = 1 << 0;
const GUILD_VOICE_STATES = 1 << 7;

export function createMember(options: {
  world: World;
  user: User;
  guild: Guild | undefined;
  home: Channel;
  dmChannel: Channel;
  voice: VoiceServer | undefined;
}): Member {
  const { world, user, guild, home, dmChannel, voice } = options;
  let ears: Listener | undefined;

  function interact(
    type: 2 | 3 | 4,
    channel: Channel,
    data: unknown,
    about: { commandName?: string; source?: Message } = {},
  ): OpenInteraction {
    const token = `aW50ZXJhY3Rpb24${randomUUID().replaceAll('-', '')}${randomUUID().replaceAll('-', '')}`;
    const interaction: OpenInteraction = {
      id: world.nextId(),
      token,
      type,
      at: world.clock(),
      sentMs: performance.now(),
      user,
      channel,
      commandName: about.commandName,
      source: about.source,
      callbacks: [],
      original: undefined,
      followUps: [],
    };
    world.interactions.set(token, interaction);
    const membership = guild?.members.get(user.id);
    const bits = guild ? permissionsIn(guild, user.id, channel, world.clock()) : 0n;
    const botBits = guild
      ? permissionsIn(guild, world.bot.id, channel, world.clock())
      : IN_MESSAGES;
    world.publish({
      t: 'INTERACTION_CREATE',
      intent: undefined,
      d: {
        id: interaction.id,
        application_id: world.application.id,
        type,
        token,
        version: 1,
        data,
        channel_id: channel.id,
        channel: guild
          ? { ...channelJson(channel), permissions: String(bits) }
          : dmJson(world, channel),
        locale: user.locale,
        context: guild ? 0 : 1,
        authorizing_integration_owners: { 0: guild?.id ?? '0' },
        entitlements: [],
        app_permissions: String(botBits),
        attachment_size_limit: 10_485_760,
        ...(guild && membership
          ? {
              guild_id: guild.id,
              guild: { id: guild.id, locale: guild.locale, features: [] },
              guild_locale: guild.locale,
              member: { ...memberJson(guild, membership), permissions: String(bits) },
            }
          : { user: userJson(user) }),
        ...(about.source && { message: about.source.json }),
      },
    });
    return interaction;
  }

  const member: Member = {
    id: user.id,
    name: user.displayName,
    user,
    get membership() {
      return guild?.members.get(user.id);
    },
    async runs(command, given = {}, { channel = home, isRaw = false, data } = {}) {
      const words = command.split(' ');
      const filled = data ?? fillCommand(world, guild, words, given, { isRaw });
      const interaction = interact(2, channel, filled, { commandName: words[0] ?? '' });
      return await Promise.resolve(createAnswer(world, member, interaction));
    },
    async completes(command, option, typed) {
      const data = fillCommand(
        world,
        guild,
        command.split(' '),
        { [option]: typed },
        { isTyping: true, isRaw: true, focused: option },
      );
      const interaction = interact(4, home, data);
      return await world.watch.until(
        () => {
          const [callback] = interaction.callbacks;
          return callback?.type === 8
            ? (callback.data['choices'] as { name: string; value: string }[])
            : undefined;
        },
        { what: 'choices' },
      );
    },
    async presses(message, label) {
      const { buttons } = seeMessage(world, message.json);
      const button = buttons.find((one) => one.label.startsWith(label) && !one.isDisabled);
      if (!button)
        throw new Error(
          `There is no button "${label}" among: ${buttons.map((one) => one.label).join(', ')}`,
        );
      return await member.pressesRaw(message, button.customId);
    },
    pressesRaw(message, customId) {
      const channel = world.channels.get(message.channelId) ?? home;
      const interaction = interact(
        3,
        channel,
        { custom_id: customId, component_type: 2 },
        { source: message },
      );
      return Promise.resolve(createAnswer(world, member, interaction));
    },
    get dm() {
      return createMember({ ...options, guild: undefined, home: dmChannel });
    },
    get dmMessages() {
      return [...dmChannel.messages.values()].map(({ json }) => seeMessage(world, json));
    },
    writes(channel, content) {
      if (content.includes(`<@${world.bot.id}>`)) letBotIn(world, channel);
      return addMessage(world, { channel, author: user, fields: { content } });
    },
    joinsVoice(channel) {
      setVoice(channel.id, { isSuppressed: channel.kind === 'stage' });
      ears = voice?.join({
        guildId: channel.guildId ?? '',
        channelId: channel.id,
        userId: user.id,
      });
      return ears;
    },
    leavesVoice() {
      setVoice(null);
      if (ears) voice?.leave(ears);
    },
    isMutedByServer(isMuted) {
      const state = guild?.voiceStates.get(user.id);
      if (!state) return;
      state.isMuted = isMuted;
      tellVoice();
    },
    isOnStage(isSpeaker) {
      const state = guild?.voiceStates.get(user.id);
      if (!state) return;
      state.isSuppressed = !isSpeaker;
      state.requestedToSpeakAt = isSpeaker ? new Date(world.clock()).toISOString() : null;
      tellVoice();
    },
  };
  return member;

  function setVoice(channelId: string | null, { isSuppressed = false } = {}): void {
    if (!guild) throw new Error('There is no voice in direct messages');
    guild.voiceStates.set(user.id, {
      userId: user.id,
      channelId,
      sessionId: randomUUID(),
      isSelfMuted: true,
      isSelfDeaf: false,
      isMuted: false,
      isDeaf: false,
      isSuppressed,
      requestedToSpeakAt: null,
    });
    tellVoice();
    if (channelId === null) guild.voiceStates.delete(user.id);
  }

  function tellVoice(): void {
    const state = guild?.voiceStates.get(user.id);
    if (!guild || !state) return;
    world.publish({
      t: 'VOICE_STATE_UPDATE',
      intent: GUILD_VOICE_STATES,
      d: { ...voiceStateJson(guild, state), guild_id: guild.id },
    });
  }
}

/** Who is mentioned in a private thread is added to it. */
function letBotIn({ bot, publish, clock }: World, channel: Channel): void {
  if (!channel.memberIds || channel.memberIds.has(bot.id)) return;
  channel.memberIds.add(bot.id);
  const at = new Date(clock()).toISOString();
  const member = { id: channel.id, user_id: bot.id, join_timestamp: at, flags: 0 };
  publish({ t: 'THREAD_CREATE', intent: GUILDS, d: { ...channelJson(channel), member } });
}
