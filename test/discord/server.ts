import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createViolations, type Violations } from '../violations.ts';
import { createBotPresence, whyBarred } from './bot-presence.ts';
import type { CdnFile } from './cdn.ts';
import { openCdn } from './cdn.ts';
import { type Gateway, startGateway } from './gateway/gateway.ts';
import { createGuild, type GuildView } from './people/guild.ts';
import type { Attached } from './people/options.ts';
import { type RestServer, startRest } from './rest/server.ts';
import { makeCertificate } from './voice/certificate.ts';
import {
  type ExpectedSession,
  startVoiceServer,
  type VoiceServer,
  type VoiceServerOptions,
} from './voice/server.ts';
import { channelJson } from './wire/guild.ts';
import { type Channel, createWorld, type World } from './world/world.ts';

/** All of Discord that the bot talks to, on loopback. */
export interface Discord extends AsyncDisposable {
  readonly world: World;
  readonly rest: RestServer;
  readonly gateway: Gateway;
  readonly voice: VoiceServer;
  readonly violations: Violations;
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
  /** Moves the bot to another voice channel. */
  dragsBot(channel: Channel): void;
  /** Mutes the bot in voice, as a moderator can; it holds wherever it goes. */
  mutesBot(guildId: string, isMuted: boolean): void;
  /** Moves the bot to the audience of its stage, or makes it a speaker; a raised hand goes down. */
  suppressesBot(guildId: string, isSuppressed: boolean): void;
  /** The bot's gateway session cannot be resumed. */
  losesGatewaySession(): void;
  /** Deletes a channel with those who are in it. */
  deletesChannel(channel: Channel): void;
  /** Removes the bot from a server. */
  removesBot(guildId: string): void;
}

const GUILDS = 1 << 0;

export async function startDiscord(
  options: Omit<VoiceServerOptions, 'certificate'> = {},
): Promise<Discord> {
  const certificate = await makeCertificate();
  const folder = await mkdtemp(join(tmpdir(), 'discord-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, certificate.cert);
  const violations = createViolations();
  const cdn = await openCdn(violations);
  const world = createWorld({ cdn: cdn.create });
  const barred = (place: ExpectedSession) => whyBarred(world, place);
  const voice = await startVoiceServer({ ...options, certificate, violations, barred });
  const bot = createBotPresence(world, voice);
  const gateway = await startGateway(world, bot.ask, violations);
  const rest = await startRest(world, gateway.url, violations);

  return {
    world,
    rest,
    gateway,
    voice,
    violations,
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
    kickBotFromVoice: bot.kick,
    dragsBot: bot.drag,
    mutesBot: bot.mute,
    suppressesBot: bot.suppress,
    losesGatewaySession() {
      gateway.invalidate();
      bot.forget(world.guilds.keys());
    },
    deletesChannel({ id, guildId = '' }) {
      const guild = world.guilds.get(guildId);
      const channel = guild?.channels.get(id);
      if (!guild || !channel) throw new Error('There is no such channel');
      guild.channels.delete(id);
      world.channels.delete(id);
      world.publish({ t: 'CHANNEL_DELETE', intent: GUILDS, d: channelJson(channel) });
      if (guild.voiceStates.get(world.bot.id)?.channelId === id) bot.lose(guildId);
    },
    removesBot(guildId) {
      world.guilds.get(guildId)?.members.delete(world.bot.id);
      world.publish({ t: 'GUILD_DELETE', intent: GUILDS, d: { id: guildId } });
      bot.forget([guildId]);
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
