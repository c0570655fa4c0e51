import { randomUUID } from 'node:crypto';
import type { Sessions } from '../../src/playback/sessions.ts';
import type { ExpectedSession, VoiceServer } from '../discord/voice/server.ts';

export const BOT = '200000000000000001';

/** What a process that speaks tells Discord through its parent. */
export interface GatewayMessage {
  readonly type: 'gateway';
  readonly guildId: string;
  readonly payload: unknown;
}

/** What Discord tells it. */
export interface VoiceNews {
  readonly type: 'state' | 'server';
  readonly guildId: string;
  readonly payload: { readonly channel_id?: string | null };
}

/** The channel an opcode 4 asks for. */
export function channelAskedFor(payload: unknown): string | null {
  return (payload as { d: { channel_id: string | null } }).d.channel_id;
}

/**
 * Puts the bot there, as the main gateway would: where it is, and which voice server to use.
 * @returns its presence there; undefined: it is nowhere.
 */
export function placeBot(
  tell: (news: VoiceNews) => void,
  voice: VoiceServer,
  place: { guildId: string; channelId: string | null; isStage?: boolean },
): ExpectedSession | undefined {
  const { guildId, channelId, isStage = false } = place;
  const sessionId = randomUUID();
  const where = { guild_id: guildId, user_id: BOT, session_id: sessionId, suppress: isStage };
  tell({ type: 'state', guildId, payload: { ...where, channel_id: channelId } });
  if (channelId === null) return undefined;
  const session = { guildId, channelId, userId: BOT, sessionId, token: randomUUID(), isStage };
  nameServer(tell, voice, session);
  return session;
}

/** Names the voice server where this presence is heard. */
export function nameServer(
  tell: (news: VoiceNews) => void,
  voice: VoiceServer,
  session: ExpectedSession,
): void {
  const { guildId, token } = session;
  voice.expect(session);
  const server = { guild_id: guildId, token, endpoint: voice.endpoint };
  tell({ type: 'server', guildId, payload: server as VoiceNews['payload'] });
}

export function feedNews(sessions: Sessions, { type, guildId, payload }: VoiceNews): void {
  if (type === 'state') sessions.voiceState(guildId, payload.channel_id ?? null, payload);
  else sessions.voiceServer(guildId, payload);
}
