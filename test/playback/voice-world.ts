import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import pino from 'pino';
import type { SessionEvent } from '../../src/playback/line.ts';
import { createSessions, type Sessions } from '../../src/playback/sessions.ts';
import { createVoiceLink } from '../../src/playback/voice-link.ts';
import { makeCertificate } from '../discord/voice/certificate.ts';
import {
  startVoiceServer,
  type VoiceServer,
  type VoiceServerOptions,
} from '../discord/voice/server.ts';
import { channelAskedFor, feedNews, placeBot } from './gateway.ts';

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
}

export async function startVoiceWorld(
  options: Omit<VoiceServerOptions, 'certificate'> & { emptyMs?: number } = {},
): Promise<VoiceWorld> {
  const voice = await startVoiceServer({ ...options, certificate });
  const events: SessionEvent[] = [];
  const asked: (string | null)[] = [];
  const world = { voice, events, asked, gatewayAnswers: true };
  const sessions = createSessions({
    openLink: (emit) => createVoiceLink({ emit, log: pino({ level: 'silent' }) }),
    onEvent: (event) => events.push(event),
    ...(options.emptyMs !== undefined && { emptyMs: options.emptyMs }),
    sendGateway(guildId, payload) {
      const channelId = channelAskedFor(payload);
      asked.push(channelId);
      if (world.gatewayAnswers) setImmediate(() => answer(guildId, channelId));
    },
  });

  function answer(guildId: string, channelId: string | null): void {
    placeBot((news) => feedNews(sessions, news), voice, { guildId, channelId });
  }

  return Object.assign(world, {
    sessions,
    drag(guildId: string, channelId: string) {
      answer(guildId, channelId);
      for (const bot of voice.bots) if (bot.guildId === guildId) bot.close(4014);
    },
    async [Symbol.asyncDispose]() {
      await sessions.close({ graceMs: 0 });
      await voice[Symbol.asyncDispose]();
    },
  });
}
