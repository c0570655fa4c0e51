import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { VoiceServer } from '../discord/voice/server.ts';

export const BOT = '200000000000000001';

/** What a speaking process tells Discord through its parent. */
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

/** Answers opcode 4 as the main gateway would: where the bot is, and which voice server to use. */
export function answerOp4(
  child: ChildProcess,
  voice: VoiceServer,
  { guildId, payload }: GatewayMessage,
): void {
  const { channel_id: channelId } = (payload as { d: { channel_id: string | null } }).d;
  const [sessionId, token] = [randomUUID(), randomUUID()];
  const say = (message: VoiceNews) => child.send(message);
  const where = { guild_id: guildId, user_id: BOT, session_id: sessionId };
  say({ type: 'state', guildId, payload: { ...where, channel_id: channelId } });
  if (channelId === null) return;
  voice.expect({ guildId, channelId, userId: BOT, sessionId, token });
  const server = { guild_id: guildId, token, endpoint: voice.endpoint };
  say({ type: 'server', guildId, payload: server as VoiceNews['payload'] });
}
