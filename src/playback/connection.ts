import {
  type DiscordGatewayAdapterLibraryMethods,
  joinVoiceChannel,
  type VoiceConnection,
  VoiceConnectionDisconnectReason,
  type VoiceConnectionState,
  VoiceConnectionStatus,
} from '@discordjs/voice';
import type { Snowflake } from '../domain/ids.ts';
import { SECOND_MS } from '../domain/time.ts';
import { FATAL_CODES, guardConnection } from './guards.ts';
import { isAlone, isEncrypted, sealNext, sendSealed } from './networking.ts';
import type { Sink } from './track.ts';
import { type LostReason, leaving, type VoiceLog } from './voice-messages.ts';

/** The bot's presence in one guild's voice channel, on the wire. */
export interface ChannelConnection extends Sink {
  feedState(payload: unknown): void;
  feedServer(payload: unknown): void;
  move(channelId: Snowflake): void;
  /** Discord has forgotten that the bot is there: asks for the channel again at once. */
  rejoin(): void;
  destroy(): void;
}

const READY_TIMEOUT_MS = 15 * SECOND_MS;
/** Pauses before asking for the channel again after failures in a row, then it is lost. */
const RETRY_PAUSES_MS = [SECOND_MS, 2 * SECOND_MS, 4 * SECOND_MS];
/** To come back for this long is a success: what breaks off after it is the first failure again. */
const SUCCESS_MS = 2 * SECOND_MS;
/**
 * How long the gateway may take to say why the voice server let go: a move to another channel, or a
 * removal, which ends the session. Said nothing, Discord has only lost us, and we come again.
 */
const NEWS_TIMEOUT_MS = 5 * SECOND_MS;
/** How long Discord may take to find another voice server for one that is gone. */
const SERVER_TIMEOUT_MS = 30 * SECOND_MS;
/** How long the members of a call may take to agree on keys. */
const ENCRYPTION_TIMEOUT_MS = 5 * SECOND_MS;

/**
 * Connects to a voice channel and stays connected through what can be recovered from.
 * @param onAlone it is there, and so far nobody to be heard by: keys may be long in coming.
 * @param onReady each time sound can be heard from now on.
 * @param onLost once, when it is over without `destroy`; nothing follows it.
 */
export function connectChannel(options: {
  guildId: Snowflake;
  channelId: Snowflake;
  sendGateway: (payload: unknown) => void;
  onAlone: () => void;
  onReady: () => void;
  onLost: (reason: LostReason) => void;
  log: VoiceLog;
}): ChannelConnection {
  const { guildId, sendGateway, onAlone, onReady, onLost, log } = options;
  let channelId = options.channelId;
  let adapter: DiscordGatewayAdapterLibraryMethods | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let isOpen = false;
  /** In the audience of a stage, or where Discord lets it say nothing. */
  let isSuppressed = false;
  let isAnswered = false;
  let failures = 0;
  let openedAt = 0;
  let hasKeys = true;
  /** Asked for another channel, and still connected to the one before. */
  let isMoving = false;
  /** Packets for the wire, the next to be sent, under the keys there are. */
  let sealed: Buffer[] = [];
  let connection = connect();

  function connect(): VoiceConnection {
    isAnswered = false;
    isMoving = false;
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
    guardConnection(fresh, { log, onClosed: closed, onNews: dropSealed });
    fresh.on('stateChange', (_, state) => changed(fresh, state));
    fresh.on('transitioned', () => (isOpen ? isKeyed() : openIfHeard()));
    wait(READY_TIMEOUT_MS, () => retry('timeout'));
    return fresh;
  }

  function changed(which: VoiceConnection, state: VoiceConnectionState): void {
    if (isOver || which !== connection || state.status === VoiceConnectionStatus.Destroyed) return;
    shut();
    if (state.status === VoiceConnectionStatus.Disconnected) {
      const isServerGone = state.reason === VoiceConnectionDisconnectReason.EndpointRemoved;
      return wait(isServerGone ? SERVER_TIMEOUT_MS : NEWS_TIMEOUT_MS, () => retry('timeout'));
    }
    if (state.status !== VoiceConnectionStatus.Ready || isMoving)
      return wait(READY_TIMEOUT_MS, () => retry('timeout'));
    wait(ENCRYPTION_TIMEOUT_MS, () => (isAlone(connection) ? open() : retry('timeout')));
    openIfHeard();
    if (!isOpen && isAlone(connection)) onAlone();
  }

  /** Nothing is ever said in the clear where the call is encrypted and somebody is there. */
  function openIfHeard(): void {
    if (!isOver && !isOpen && !isMoving && isEncrypted(connection)) open();
  }

  function open(): void {
    clearTimeout(timer);
    isOpen = true;
    hasKeys = true;
    openedAt = performance.now();
    onReady();
  }

  /** Nothing can be heard for now. */
  function shut(): void {
    if (isOpen && performance.now() - openedAt > SUCCESS_MS) failures = 0;
    isOpen = false;
    dropSealed();
  }

  function dropSealed(): void {
    sealed = [];
  }

  /** The voice server ended it. The library would ask for the channel again at once, without end. */
  function closed(code: number): void {
    if (isOver) return;
    log.info({ guild: guildId, code }, 'the voice server closed the connection');
    if (FATAL_CODES.has(code)) lose('refused');
    else retry('refused');
  }

  function retry(reason: LostReason): void {
    shut();
    // A channel that is full or closed to us is not answered at all: asked again once is enough.
    const pauseMs = isAnswered || failures === 0 ? RETRY_PAUSES_MS[failures] : undefined;
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

  const isAudible = () => isOpen && !isSuppressed;

  /** Members came who have no keys yet, or the keys were lost: what is to be said waits for them. */
  function isKeyed(): boolean {
    const isNow = isEncrypted(connection) || isAlone(connection);
    if (!isNow && hasKeys) wait(ENCRYPTION_TIMEOUT_MS, () => retry('timeout'));
    if (isNow && !hasKeys) clearTimeout(timer);
    hasKeys = isNow;
    return isNow;
  }

  return {
    prepare(packets) {
      dropSealed();
      if (!isAudible() || !isKeyed()) return;
      try {
        sealed = sealNext(connection, packets);
      } catch (error) {
        // It costs this channel a moment, not all channels their thread.
        log.warn({ why: String(error), guild: guildId }, 'sound could not be encrypted');
        retry('refused');
      }
    },
    dispatch() {
      const packet = isAudible() ? sealed.shift() : undefined;
      if (packet) sendSealed(connection, packet);
      return packet !== undefined;
    },
    setSpeaking(isSpeaking) {
      if (isAudible()) connection.setSpeaking(isSpeaking);
    },
    feedState(payload) {
      // A moderator may have dragged the bot: that is where it is now.
      const state = payload as { channel_id: Snowflake | null; suppress?: boolean };
      if (!isMoving) channelId = state.channel_id ?? channelId;
      isAnswered = true;
      adapter?.onVoiceStateUpdate(payload as never);
      const mayNowSpeak = isSuppressed && !state.suppress;
      isSuppressed = state.suppress ?? false;
      if (isOpen && mayNowSpeak) onReady();
    },
    feedServer(payload) {
      isAnswered = true;
      isMoving = false;
      adapter?.onVoiceServerUpdate(payload as never);
    },
    move(to) {
      if (to === channelId || isOver) return;
      channelId = to;
      shut();
      isAnswered = false;
      if (connection.state.status === VoiceConnectionStatus.Destroyed) {
        connection = connect();
        return;
      }
      isMoving = true;
      wait(READY_TIMEOUT_MS, () => retry('timeout'));
      connection.rejoin({ ...connection.joinConfig, channelId: to });
    },
    rejoin() {
      if (isOver) return;
      shut();
      close();
      connection = connect();
    },
    destroy() {
      if (!isOver) end();
    },
  };
}
