import type { Logger } from 'pino';
import type { Snowflake } from '../domain/ids.ts';
import { type ChannelConnection, connectChannel } from './connection.ts';
import { createPacer } from './pacer.ts';
import { createTrack, type Track } from './track.ts';

/**
 * What goes to the voice side and what comes back: plain values only, so that it can live in a
 * thread of its own without its callers noticing.
 */
export type VoiceCommand =
  | { type: 'join'; guildId: Snowflake; channelId: Snowflake }
  | { type: 'leave'; guildId: Snowflake }
  | { type: 'voice-state'; guildId: Snowflake; payload: unknown }
  | { type: 'voice-server'; guildId: Snowflake; payload: unknown }
  /** Sound is on its way: tells the listeners' clients early, so that no first syllable is lost. */
  | { type: 'announce'; guildId: Snowflake }
  | { type: 'packets'; guildId: Snowflake; utterance: string; packets: readonly Uint8Array[] }
  /** No more packets will come. */
  | { type: 'end'; guildId: Snowflake; utterance: string }
  /** Stop at once and forget what is buffered. */
  | { type: 'cut'; guildId: Snowflake; utterance: string };

export type VoiceEvent =
  /** To be sent through the main gateway as it is. */
  | { type: 'gateway'; guildId: Snowflake; payload: unknown }
  | { type: 'ready'; guildId: Snowflake }
  | { type: 'lost'; guildId: Snowflake; reason: LostReason }
  /** The first packet went out, at this time of `performance.timeOrigin + performance.now()`. */
  | { type: 'started'; guildId: Snowflake; utterance: string; at: number }
  /** All packets went out. */
  | { type: 'done'; guildId: Snowflake; utterance: string; packets: number; underruns: number };

export type LostReason = 'timeout' | 'refused' | 'removed';

export interface VoiceLink {
  post(command: VoiceCommand): void;
  close(): void;
}

/** All of Discord's voice protocol, behind messages. */
export function createVoiceLink(options: {
  emit: (event: VoiceEvent) => void;
  log: Logger;
}): VoiceLink {
  const { emit, log } = options;
  const pacer = createPacer();
  const channels = new Map<Snowflake, { connection: ChannelConnection; track: Track }>();

  function join(guildId: Snowflake, channelId: Snowflake): void {
    const known = channels.get(guildId);
    if (known) return known.connection.move(channelId);
    const connection = connectChannel({
      guildId,
      channelId,
      log,
      sendGateway: (payload) => emit({ type: 'gateway', guildId, payload }),
      onReady: () => {
        track.connected();
        emit({ type: 'ready', guildId });
      },
      onLost: (reason) => {
        forget(guildId);
        emit({ type: 'lost', guildId, reason });
      },
    });
    const track = createTrack({
      sink: connection,
      pacer,
      onStarted: (utterance, at) => emit({ type: 'started', guildId, utterance, at }),
      onDone: (utterance, counts) => emit({ type: 'done', guildId, utterance, ...counts }),
    });
    channels.set(guildId, { connection, track });
  }

  function forget(guildId: Snowflake): void {
    const known = channels.get(guildId);
    channels.delete(guildId);
    known?.track.close();
    known?.connection.destroy();
  }

  return {
    post(command) {
      const known = channels.get(command.guildId);
      switch (command.type) {
        case 'join':
          return join(command.guildId, command.channelId);
        case 'leave':
          return forget(command.guildId);
        case 'voice-state':
          return known?.connection.feedState(command.payload);
        case 'voice-server':
          return known?.connection.feedServer(command.payload);
        case 'announce':
          return known?.connection.setSpeaking(true);
        case 'packets':
          return known?.track.push(command.utterance, command.packets);
        case 'end':
          return known?.track.end(command.utterance);
        case 'cut':
          return known?.track.cut(command.utterance);
        default:
          return command satisfies never;
      }
    },
    close() {
      for (const guildId of [...channels.keys()]) forget(guildId);
      pacer.close();
    },
  };
}
