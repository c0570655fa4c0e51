import { randomUUID } from 'node:crypto';
import type { VoiceServer } from './voice/server.ts';
import { voiceStateJson } from './wire/guild.ts';
import { PERMISSIONS, permissionsIn } from './world/permissions.ts';
import type { Channel, Guild, VoiceState, World } from './world/world.ts';

/** The bot in voice, as Discord has it: one state a server, and the voice server that goes with it. */
export interface BotPresence {
  /** Opcode 4: silence where Discord is silent, else the two events that lead to the voice server. */
  ask(request: { guild_id: string; channel_id: string | null }): void;
  /** A moderator puts it out of the channel it is in. */
  kick(guildId: string): void;
  /** A moderator moves it to another channel. */
  drag(channel: Channel): void;
  /** A moderator mutes it, which holds wherever it goes. */
  mute(guildId: string, isMuted: boolean): void;
  /** A moderator of the stage makes it a speaker, or moves it to the audience; a raised hand goes down. */
  suppress(guildId: string, isSuppressed: boolean): void;
  /** It is in these servers' channels no longer, and nobody is left to be told. */
  forget(guildIds: Iterable<string>): void;
  /** Its channel was deleted. */
  lose(guildId: string): void;
}

const GUILD_VOICE_STATES = 1 << 7;
/** Close codes of the voice server: put out, and the call over for everybody. */
const DISCONNECTED = 4014;
const CALL_ENDED = 4022;

/** Why nothing of what the bot says in a channel may be heard now, if so. */
export function whyBarred(
  world: World,
  place: { readonly guildId: string; readonly channelId: string },
): string | undefined {
  const state = world.guilds.get(place.guildId)?.voiceStates.get(world.bot.id);
  if (state?.channelId !== place.channelId) return 'it is not in that channel';
  if (state.isMuted) return 'it is muted';
  return state.isSuppressed ? 'it is suppressed' : undefined;
}

export function createBotPresence(world: World, voice: VoiceServer): BotPresence {
  const { bot } = world;
  const mutedIn = new Set<string>();

  function move(guild: Guild, channel: Channel | undefined): void {
    const before = guild.voiceStates.get(bot.id);
    if (!channel && !before) return;
    const sessionId = randomUUID();
    const isStage = channel?.kind === 'stage';
    const stays = before !== undefined && before.channelId === channel?.id;
    const state: VoiceState = {
      userId: bot.id,
      channelId: channel?.id ?? null,
      sessionId,
      isSelfMuted: false,
      isSelfDeaf: true,
      isMuted: mutedIn.has(guild.id),
      isDeaf: false,
      // Everybody comes to a stage as a part of its audience.
      isSuppressed: stays ? before.isSuppressed : isStage,
      requestedToSpeakAt: stays ? before.requestedToSpeakAt : null,
    };
    guild.voiceStates.set(bot.id, state);
    tell(guild, state);
    if (!channel) {
      guild.voiceStates.delete(bot.id);
      return;
    }
    const token = randomUUID();
    const place = { guildId: guild.id, channelId: channel.id, userId: bot.id };
    voice.expect({ ...place, sessionId, token, isStage });
    world.publish({
      t: 'VOICE_SERVER_UPDATE',
      intent: undefined,
      d: { guild_id: guild.id, token, endpoint: voice.endpoint },
    });
  }

  function mayEnter(guild: Guild, channel: Channel): boolean {
    const held = permissionsIn(guild, bot.id, channel, world.clock());
    const others = [...guild.voiceStates.values()].filter(
      (state) => state.channelId === channel.id && state.userId !== bot.id,
    );
    const isFull = channel.userLimit > 0 && others.length >= channel.userLimit;
    const mayExceed = (held & PERMISSIONS.MoveMembers) !== 0n;
    return (held & PERMISSIONS.Connect) !== 0n && (!isFull || mayExceed);
  }

  function change(guildId: string, changed: Partial<VoiceState>): void {
    const guild = world.guilds.get(guildId);
    const state = guild?.voiceStates.get(bot.id);
    if (guild && state) tell(guild, Object.assign(state, changed));
  }

  function tell(guild: Guild, state: VoiceState): void {
    world.publish({
      t: 'VOICE_STATE_UPDATE',
      intent: GUILD_VOICE_STATES,
      d: { ...voiceStateJson(guild, state), guild_id: guild.id },
    });
  }

  function leave(guildId: string): void {
    const guild = world.guilds.get(guildId);
    if (guild) move(guild, undefined);
  }

  function hangUp(guildId: string, code: number): void {
    for (const session of voice.bots) if (session.guildId === guildId) session.close(code);
  }

  return {
    ask({ guild_id: guildId, channel_id: channelId }) {
      if (channelId === null) return leave(guildId);
      const guild = world.guilds.get(guildId);
      const channel = guild?.channels.get(channelId);
      if (guild && channel && mayEnter(guild, channel)) move(guild, channel);
    },
    kick(guildId) {
      leave(guildId);
      hangUp(guildId, DISCONNECTED);
    },
    drag(channel) {
      const guild = world.guilds.get(channel.guildId ?? '');
      if (!guild) throw new Error('There is no such channel');
      move(guild, channel);
      hangUp(guild.id, DISCONNECTED);
    },
    mute(guildId, isMuted) {
      if (isMuted) mutedIn.add(guildId);
      else mutedIn.delete(guildId);
      change(guildId, { isMuted });
    },
    suppress(guildId, isSuppressed) {
      change(guildId, { isSuppressed, requestedToSpeakAt: null });
    },
    forget(guildIds) {
      for (const id of guildIds)
        if (world.guilds.get(id)?.voiceStates.delete(bot.id)) hangUp(id, DISCONNECTED);
    },
    lose(guildId) {
      hangUp(guildId, CALL_ENDED);
      leave(guildId);
    },
  };
}
