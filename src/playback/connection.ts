import {
  type DiscordGatewayAdapterLibraryMethods,
  joinVoiceChannel,
  type VoiceConnection,
  VoiceConnectionStatus,
} from '@discordjs/voice';
import type { Snowflake } from '../domain/ids.ts';
import { SECOND_MS } from '../domain/time.ts';
import { guardConnection, isAlone, isEncrypted } from './guards.ts';
import type { Sink } from './track.ts';
import { type LostReason, leaving, type VoiceLog } from './voice-messages.ts';

/** The bot's presence in one guild's voice channel, on the wire. */
export interface ChannelConnection extends Sink {
  feedState(payload: unknown): void;
  feedServer(payload: unknown): void;
  move(channelId: Snowflake): void;
  destroy(): void;
}

const READY_TIMEOUT_MS = 15 * SECOND_MS;
/** Pauses before asking for the channel again, each longer than the last; then it is lost. */
const RETRY_PAUSES_MS = [SECOND_MS, 2 * SECOND_MS, 4 * SECOND_MS];
/** A channel that was quiet this long has forgotten its earlier failures. */
const STABLE_MS = 30 * SECOND_MS;
/** How long a removal may turn out to be a move to another channel. */
const MOVE_TIMEOUT_MS = 5 * SECOND_MS;
/** How long the members of a call may take to agree on keys. */
const ENCRYPTION_TIMEOUT_MS = 5 * SECOND_MS;

/**
 * Connects to a voice channel and stays connected through what can be recovered from.
 * @param onReady each time sound can be heard from now on.
 * @param onLost once, when it is over without `destroy`; nothing follows it.
 */
export function connectChannel(options: {
  guildId: Snowflake;
  channelId: Snowflake;
  sendGateway: (payload: unknown) => void;
  onReady: () => void;
  onLost: (reason: LostReason) => void;
  log: VoiceLog;
}): ChannelConnection {
  const { guildId, sendGateway, onReady, onLost, log } = options;
  let channelId = options.channelId;
  let adapter: DiscordGatewayAdapterLibraryMethods | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let isOpen = false;
  let failures = 0;
  let openedAt = 0;
  let connection = connect();

  function connect(): VoiceConnection {
    const fresh = joinVoiceChannel({
      guildId,
      channelId,
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
    guardConnection(fresh, { log, onClosed: closed });
    fresh.on('stateChange', (_, { status }) => changed(fresh, status));
    fresh.on('transitioned', () => openIfHeard());
    wait(READY_TIMEOUT_MS, () => retry('timeout'));
    return fresh;
  }

  function changed(which: VoiceConnection, status: VoiceConnectionStatus): void {
    if (isOver || which !== connection || status === VoiceConnectionStatus.Destroyed) return;
    isOpen = false;
    if (status === VoiceConnectionStatus.Disconnected)
      return wait(MOVE_TIMEOUT_MS, () => lose('removed'));
    if (status !== VoiceConnectionStatus.Ready)
      return wait(READY_TIMEOUT_MS, () => retry('timeout'));
    wait(ENCRYPTION_TIMEOUT_MS, () => (isAlone(connection) ? open() : retry('timeout')));
    openIfHeard();
  }

  /** Nothing is ever said in the clear where the call is encrypted and somebody is there. */
  function openIfHeard(): void {
    if (!isOver && !isOpen && isEncrypted(connection)) open();
  }

  function open(): void {
    clearTimeout(timer);
    isOpen = true;
    openedAt = performance.now();
    onReady();
  }

  /** The voice server ended it. The library would ask for the channel again at once, without end. */
  function closed(code: number): void {
    if (isOver) return;
    log.info({ guild: guildId, code }, 'the voice server closed the connection');
    if (FATAL_CODES.has(code)) lose('refused');
    else retry('refused');
  }

  function retry(reason: LostReason): void {
    if (isOpen && performance.now() - openedAt > STABLE_MS) failures = 0;
    isOpen = false;
    const pauseMs = RETRY_PAUSES_MS[failures];
    if (pauseMs === undefined) return lose(reason);
    failures += 1;
    close();
    wait(pauseMs, () => {
      connection = connect();
    });
  }

  function lose(reason: LostReason): void {
    if (isOver) return;
    log.info({ guild: guildId, reason }, 'lost the voice channel');
    end();
    onLost(reason);
  }

  function end(): void {
    isOver = true;
    isOpen = false;
    clearTimeout(timer);
    close();
    sendGateway(leaving(guildId));
  }

  function wait(ms: number, then: () => void): void {
    clearTimeout(timer);
    timer = setTimeout(then, ms);
  }

  /** Without a word to the gateway: whether the bot leaves or comes back is decided here. */
  function close(): void {
    if (connection.state.status !== VoiceConnectionStatus.Destroyed) connection.destroy(false);
  }

  return {
    prepare(packet) {
      if (isOpen) connection.prepareAudioPacket(Buffer.from(packet));
    },
    dispatch: () => isOpen && (connection.dispatchAudio() ?? false),
    setSpeaking(isSpeaking) {
      if (isOpen) connection.setSpeaking(isSpeaking);
    },
    feedState(payload) {
      // A moderator may have dragged the bot: that is where it is now.
      channelId = (payload as { channel_id: Snowflake | null }).channel_id ?? channelId;
      adapter?.onVoiceStateUpdate(payload as never);
    },
    feedServer(payload) {
      adapter?.onVoiceServerUpdate(payload as never);
    },
    move(to) {
      if (to === channelId || isOver) return;
      channelId = to;
      isOpen = false;
      wait(READY_TIMEOUT_MS, () => retry('timeout'));
      connection.rejoin({ ...connection.joinConfig, channelId: to });
    },
    destroy() {
      if (!isOver) end();
    },
  };
}

/** Authentication failed, server not found, unknown protocol or encryption, E2EE required, kicked, rate limited, call ended. */
const FATAL_CODES = new Set([4004, 4011, 4012, 4016, 4017, 4021, 4022]);
