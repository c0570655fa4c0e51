import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CdnFile } from './cdn.ts';
import { openCdn } from './cdn.ts';
import { type Gateway, startGateway } from './gateway/gateway.ts';
import { createGuild, type GuildView } from './people/guild.ts';
import type { Attached } from './people/options.ts';
import { type RestServer, startRest } from './rest/server.ts';
import { makeCertificate } from './voice/certificate.ts';
import { startVoiceServer, type VoiceServer, type VoiceServerOptions } from './voice/server.ts';
import { voiceStateJson } from './wire/guild.ts';
import { PERMISSIONS, permissionsIn } from './world/permissions.ts';
import { createWorld, type Guild, type VoiceState, type World } from './world/world.ts';

/** All of Discord that the bot talks to, on loopback. */
export interface Discord extends AsyncDisposable {
  readonly world: World;
  readonly rest: RestServer;
  readonly gateway: Gateway;
  readonly voice: VoiceServer;
  /** What the bot needs to find it; give it to the process. */
  readonly env: Readonly<Record<string, string>>;
  addGuild(name: string): GuildView;
  /** A file as a member attaches it to a command. */
  attach(
    bytes: Uint8Array,
    filename: string,
    options?: Partial<CdnFile> & { size?: number },
  ): Attached;
  /** Puts the bot out of the voice channel it is in. */
  kickBotFromVoice(guildId: string): void;
  /** Mutes the bot in voice, as a moderator can; it holds wherever it goes. */
  mutesBot(guildId: string, isMuted: boolean): void;
}

const GUILD_VOICE_STATES = 1 << 7;

export async function startDiscord(
  options: Omit<VoiceServerOptions, 'certificate'> = {},
): Promise<Discord> {
  const certificate = await makeCertificate();
  const folder = await mkdtemp(join(tmpdir(), 'discord-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, certificate.cert);
  const cdn = await openCdn();
  const world = createWorld({ cdn: cdn.create });
  const voice = await startVoiceServer({ ...options, certificate });
  const gateway = await startGateway(world, (d) => moveBot(d.guild_id, d.channel_id));
  const rest = await startRest(world, gateway.url);

  const mutedIn = new Set<string>();

  /** Opcode 4: silence where Discord is silent, else the two events that lead to the voice server. */
  function moveBot(guildId: string, channelId: string | null): void {
    const guild = world.guilds.get(guildId);
    if (!guild) return;
    if (channelId !== null && !mayEnter(guildId, channelId)) return;
    const sessionId = randomUUID();
    const state = {
      userId: world.bot.id,
      channelId,
      sessionId,
      isSelfMuted: false,
      isSelfDeaf: true,
      isMuted: mutedIn.has(guildId),
      isDeaf: false,
      isSuppressed: false,
      requestedToSpeakAt: null,
    };
    if (channelId === null && !guild.voiceStates.has(world.bot.id)) return;
    guild.voiceStates.set(world.bot.id, state);
    tellVoiceState(guild, state);
    if (channelId === null) {
      guild.voiceStates.delete(world.bot.id);
      return;
    }
    const token = randomUUID();
    voice.expect({ guildId, channelId, userId: world.bot.id, sessionId, token });
    world.publish({
      t: 'VOICE_SERVER_UPDATE',
      intent: undefined,
      d: { guild_id: guildId, token, endpoint: voice.endpoint },
    });
  }

  function tellVoiceState(guild: Guild, state: VoiceState): void {
    world.publish({
      t: 'VOICE_STATE_UPDATE',
      intent: GUILD_VOICE_STATES,
      d: { ...voiceStateJson(guild, state), guild_id: guild.id },
    });
  }

  function mayEnter(guildId: string, channelId: string): boolean {
    const guild = world.guilds.get(guildId);
    const channel = guild?.channels.get(channelId);
    if (!guild || !channel) return false;
    const held = permissionsIn(guild, world.bot.id, channel, world.clock());
    const inside = [...guild.voiceStates.values()].filter((state) => state.channelId === channelId);
    const isFull = channel.userLimit > 0 && inside.length >= channel.userLimit;
    return (held & PERMISSIONS.Connect) !== 0n && !isFull;
  }

  return {
    world,
    rest,
    gateway,
    voice,
    env: {
      DISCORD_TOKEN: world.token,
      DISCORD_API_URL: rest.url,
      DISCORD_CDN_URL: world.cdn.origin,
      NODE_EXTRA_CA_CERTS: caFile,
    },
    addGuild: (name) => createGuild(world, name, voice),
    attach(bytes, filename, { size = bytes.byteLength, ...file } = {}) {
      const url = world.cdn.put(bytes, { ...file, filename });
      return { url, filename, size, contentType: file.contentType };
    },
    kickBotFromVoice(guildId) {
      moveBot(guildId, null);
      for (const bot of voice.bots) if (bot.guildId === guildId) bot.close(4014);
    },
    mutesBot(guildId, isMuted) {
      if (isMuted) mutedIn.add(guildId);
      else mutedIn.delete(guildId);
      const guild = world.guilds.get(guildId);
      const state = guild?.voiceStates.get(world.bot.id);
      if (!guild || !state) return;
      state.isMuted = isMuted;
      tellVoiceState(guild, state);
    },
    async [Symbol.asyncDispose]() {
      await rest[Symbol.asyncDispose]();
      await gateway[Symbol.asyncDispose]();
      await voice[Symbol.asyncDispose]();
      await world.cdn.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
