import {
  type DiscordGatewayAdapterLibraryMethods,
  joinVoiceChannel,
  type VoiceConnection,
  VoiceConnectionStatus,
} from '@discordjs/voice';
import type { Logger } from 'pino';
import type { Snowflake } from '../domain/ids.ts';
import { SECOND_MS } from '../domain/time.ts';
import { guardConnection, isEncrypted } from './guards.ts';
import type { PacketSink } from './track.ts';
import type { LostReason } from './voice-link.ts';

/** The bot's presence in one guild's voice channel, on the wire. */
export interface ChannelConnection extends PacketSink {
  feedState(payload: unknown): void;
  feedServer(payload: unknown): void;
  move(channelId: Snowflake): void;
  destroy(): void;
}

const READY_TIMEOUT_MS = 15 * SECOND_MS;
const RETRY_PAUSE_MS = SECOND_MS;
/** How long a removal may turn out to be a move to another channel. */
const MOVE_TIMEOUT_MS = 5 * SECOND_MS;
/** How long the call's members may take to agree on keys; alone in a channel nobody answers. */
const ENCRYPTION_TIMEOUT_MS = 2 * SECOND_MS;

/**
 * Connects to a voice channel and stays connected through what the library recovers from.
 * @param onReady each time sound can be heard from now on.
 * @param onLost once, when it is over without `destroy`; nothing follows it.
 */
export function connectChannel(options: {
  guildId: Snowflake;
  channelId: Snowflake;
  sendGateway: (payload: unknown) => void;
  onReady: () => void;
  onLost: (reason: LostReason) => void;
  log: Logger;
}): ChannelConnection {
  const { guildId, sendGateway, onReady, onLost, log } = options;
  let channelId = options.channelId;
  let adapter: DiscordGatewayAdapterLibraryMethods | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let isHeard = false;
  let tries = 0;
  let connection = open();

  function open(): VoiceConnection {
    tries += 1;
    isHeard = false;
    const opened = joinVoiceChannel({
      guildId,
      channelId,
      // Each has its own group, so that the library's registry never hands out an old one.
      group: `${guildId}:${crypto.randomUUID()}`,
      selfDeaf: true,
      selfMute: false,
      adapterCreator(methods) {
        adapter = methods;
        return {
          sendPayload(payload) {
            sendGateway(payload);
            return true;
          },
          destroy: () => undefined,
        };
      },
    });
    guardConnection(opened, { log, onFatal: () => lose('refused') });
    opened.on('stateChange', (_, { status }) => changed(status));
    opened.on('transitioned', () => heard());
    wait(READY_TIMEOUT_MS, retry);
    return opened;
  }

  function changed(status: VoiceConnectionStatus): void {
    if (isOver) return;
    if (status === VoiceConnectionStatus.Ready) {
      if (isEncrypted(connection)) heard();
      else wait(ENCRYPTION_TIMEOUT_MS, heard);
    } else {
      isHeard = false;
      if (status === VoiceConnectionStatus.Disconnected)
        wait(MOVE_TIMEOUT_MS, () => lose('removed'));
      else if (status !== VoiceConnectionStatus.Destroyed) wait(READY_TIMEOUT_MS, retry);
    }
  }

  function heard(): void {
    if (isOver || isHeard || connection.state.status !== VoiceConnectionStatus.Ready) return;
    clearTimeout(timer);
    tries = 0;
    isHeard = true;
    onReady();
  }

  /** Discord is silent about a full channel and a lost packet alike: once more, then it is over. */
  function retry(): void {
    if (tries >= 2) return lose('timeout');
    close();
    wait(RETRY_PAUSE_MS, () => {
      connection = open();
    });
  }

  function lose(reason: LostReason): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    log.info({ guild: guildId, reason }, 'lost the voice channel');
    // Not from inside the library's own event: it does not survive its connection there.
    setImmediate(() => {
      close();
      onLost(reason);
    });
  }

  function wait(ms: number, then: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(then, ms);
  }

  function close(): void {
    if (connection.state.status !== VoiceConnectionStatus.Destroyed) connection.destroy();
  }

  return {
    isReady: () => isHeard,
    prepare(packet) {
      connection.prepareAudioPacket(Buffer.from(packet));
    },
    dispatch() {
      connection.dispatchAudio();
    },
    setSpeaking(isSpeaking) {
      connection.setSpeaking(isSpeaking);
    },
    feedState(payload) {
      adapter?.onVoiceStateUpdate(payload as never);
    },
    feedServer(payload) {
      adapter?.onVoiceServerUpdate(payload as never);
    },
    move(to) {
      if (to === channelId) return;
      channelId = to;
      isHeard = false;
      connection.rejoin({ ...connection.joinConfig, channelId: to });
      wait(READY_TIMEOUT_MS, retry);
    },
    destroy() {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      close();
    },
  };
}
