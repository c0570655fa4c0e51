import { randomUUID } from 'node:crypto';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import pino from 'pino';
import type { SessionEvent } from '../../src/playback/line.ts';
import { createSessions, type Sessions } from '../../src/playback/sessions.ts';
import { createVoiceLink } from '../../src/playback/voice-link.ts';
import { makeCertificate } from '../discord/voice/certificate.ts';
import {
  type ExpectedSession,
  startVoiceServer,
  type VoiceServer,
  type VoiceServerOptions,
} from '../discord/voice/server.ts';
import { BOT, channelAskedFor, feedNews, nameServer, placeBot, type VoiceNews } from './gateway.ts';

export const CHANNEL = '300000000000000003';

// One for all: two authorities of one name would be taken for each other.
const certificate = await makeCertificate();
setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);

/** Sessions talking to a voice server, with a gateway that does what Discord's would. */
export interface VoiceWorld extends AsyncDisposable {
  readonly voice: VoiceServer;
  readonly sessions: Sessions;
  readonly events: readonly SessionEvent[];
  /** The channels of every op 4 that was sent. */
  readonly asked: readonly (string | null)[];
  gatewayAnswers: boolean;
  /** A moderator puts the bot into another channel. */
  drag(guildId: string, channelId: string): void;
  /** A moderator puts the bot out. */
  kick(guildId: string): void;
  /** The voice server of the channel is gone, and another one is being looked for. */
  losesServer(guildId: string): void;
  /** The channel gets another voice server, as when its region is changed. */
  getsServer(guildId: string): Promise<VoiceServer>;
  /** A moderator of the stage lets the bot speak, or moves it to the audience. */
  suppresses(guildId: string, isSuppressed: boolean): void;
}

export async function startVoiceWorld(
  options: Omit<VoiceServerOptions, 'certificate'> & {
    emptyMs?: number;
    admittanceMs?: number;
    isStage?: boolean;
  } = {},
): Promise<VoiceWorld> {
  const { isStage = false } = options;
  const voice = await startVoiceServer({ ...options, certificate });
  const others: VoiceServer[] = [];
  const placed = new Map<string, ExpectedSession>();
  const events: SessionEvent[] = [];
  const asked: (string | null)[] = [];
  const world = { voice, events, asked, gatewayAnswers: true };
  const sessions = createSessions({
    openLink: (emit) => createVoiceLink({ emit, log: pino({ level: 'silent' }) }),
    onEvent: (event) => events.push(event),
    ...(options.emptyMs !== undefined && { emptyMs: options.emptyMs }),
    ...(options.admittanceMs !== undefined && { admittanceMs: options.admittanceMs }),
    sendGateway(guildId, payload) {
      const channelId = channelAskedFor(payload);
      asked.push(channelId);
      if (world.gatewayAnswers) setImmediate(() => answer(guildId, channelId));
    },
  });

  const tell = (news: VoiceNews) => feedNews(sessions, news);

  function answer(guildId: string, channelId: string | null): void {
    const session = placeBot(tell, voice, { guildId, channelId, isStage });
    if (session) placed.set(guildId, session);
    else placed.delete(guildId);
    sessions.suppressed(guildId, isStage);
  }

  function presence(guildId: string): ExpectedSession {
    const session = placed.get(guildId);
    if (!session) throw new Error('The bot is in no channel there');
    return session;
  }

  function letGo(guildId: string, code: number): void {
    for (const bot of voice.bots) if (bot.guildId === guildId) bot.close(code);
  }

  return Object.assign(world, {
    sessions,
    drag(guildId: string, channelId: string) {
      answer(guildId, channelId);
      letGo(guildId, 4014);
    },
    kick(guildId: string) {
      answer(guildId, null);
      letGo(guildId, 4014);
    },
    losesServer(guildId: string) {
      sessions.voiceServer(guildId, { guild_id: guildId, token: randomUUID(), endpoint: null });
    },
    async getsServer(guildId: string) {
      const other = await startVoiceServer({ ...options, certificate });
      others.push(other);
      nameServer(tell, other, { ...presence(guildId), token: randomUUID() });
      return other;
    },
    suppresses(guildId: string, suppress: boolean) {
      const { channelId, sessionId } = presence(guildId);
      const state = { guild_id: guildId, channel_id: channelId, user_id: BOT };
      sessions.voiceState(guildId, channelId, { ...state, session_id: sessionId, suppress });
      sessions.suppressed(guildId, suppress);
    },
    async [Symbol.asyncDispose]() {
      await sessions.close({ graceMs: 0 });
      for (const server of [voice, ...others]) await server[Symbol.asyncDispose]();
      const broken = [voice, ...others].flatMap(({ violations }) => violations.list);
      const list = broken.map(({ rule, how }) => `${rule}: ${how}`);
      if (list.length > 0) throw new Error(`Rules were broken:\n${list.slice(0, 20).join('\n')}`);
    },
  });
}
