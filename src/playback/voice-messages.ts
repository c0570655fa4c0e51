import type { Snowflake } from '../domain/ids.ts';
import type { PacketBatch } from './packet-batch.ts';

/**
 * What goes to the voice side and what comes back: plain values only, so that it can live in a
 * thread of its own without its callers noticing.
 */
export type VoiceCommand =
  /** The number comes back with what becomes of it: news of a session that is over means nothing. */
  | { type: 'join'; guildId: Snowflake; session: number; channelId: Snowflake }
  | { type: 'leave'; guildId: Snowflake }
  /** Discord has forgotten that the bot is in its channel. */
  | { type: 'rejoin'; guildId: Snowflake }
  | { type: 'voice-state'; guildId: Snowflake; payload: unknown }
  | { type: 'voice-server'; guildId: Snowflake; payload: unknown }
  /** Sound is on its way: listeners' clients are told early, so that no first syllable is lost. */
  | { type: 'begin'; guildId: Snowflake; utterance: string }
  | { type: 'packets'; guildId: Snowflake; utterance: string; packets: PacketBatch }
  /** No more packets will come. */
  | { type: 'end'; guildId: Snowflake; utterance: string }
  /** Stop at once and forget what is buffered. */
  | { type: 'cut'; guildId: Snowflake };

export type VoiceEvent =
  /** To be sent through the main gateway as it is. */
  | { type: 'gateway'; guildId: Snowflake; payload: unknown }
  /** It is in the channel, where nobody else is so far. */
  | { type: 'alone'; guildId: Snowflake; session: number }
  /** It is in the channel and can be heard from now on. */
  | { type: 'ready'; guildId: Snowflake; session: number }
  | { type: 'lost'; guildId: Snowflake; session: number; reason: LostReason }
  /** The first packet went out, at this time of `performance.timeOrigin + performance.now()`. */
  | { type: 'started'; guildId: Snowflake; utterance: string; at: number }
  /** The sound comes slower than it is played. */
  | { type: 'underrun'; guildId: Snowflake; utterance: string }
  /** All packets went out, and the silence that ends them. */
  | { type: 'done'; guildId: Snowflake; utterance: string; packets: number };

export type LostReason = 'timeout' | 'refused';

/** Where the commands go: all of Discord's voice protocol. */
export interface VoiceLink {
  post(command: VoiceCommand): void;
  /** Leaves every channel. */
  close(): Promise<void>;
}

/** The thread also has to end, and to be heard of. */
export type VoiceThreadCommand = VoiceCommand | { type: 'close' };
export type VoiceThreadEvent =
  | VoiceEvent
  | { type: 'log'; level: keyof VoiceLog; fields: object; text: string };

type Write = (fields: object, text: string) => void;
export type VoiceLog = Readonly<Record<'info' | 'warn', Write>>;

/** What tells Discord, through the main gateway, that the bot leaves. */
export function leaving(guildId: Snowflake): unknown {
  const d = { guild_id: guildId, channel_id: null, self_deaf: true, self_mute: false };
  return { op: 4, d };
}
