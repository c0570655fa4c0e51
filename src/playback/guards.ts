import { createSecretKey, type KeyObject } from 'node:crypto';
import type { Socket } from 'node:dgram';
import type { EventEmitter } from 'node:events';
import { type VoiceConnection, VoiceConnectionStatus } from '@discordjs/voice';
import { type Seal, sealPacket } from './seal.ts';
import type { VoiceLog } from './voice-messages.ts';

/**
 * What `@discordjs/voice` 0.19.2 needs around it. Left alone it asks for the channel over a hundred
 * times a second when refused, waits for ever on one lost datagram, and ends the process on an
 * unexpected end-to-end encryption message. This reaches into its private parts, so its version is
 * pinned exactly and the tests of this folder are the contract for an upgrade.
 */
export function guardConnection(
  connection: VoiceConnection,
  { log, onClosed }: { log: VoiceLog; onClosed: (code: number) => void },
): void {
  const guarded = new WeakSet<object>();
  connection.on('error', (error) => log.warn({ err: error }, 'voice connection'));
  connection.on('stateChange', (_, next) => {
    const networking = Reflect.get(next, 'networking') as Networking | undefined;
    if (!networking || guarded.has(networking)) return;
    guarded.add(networking);
    guardNetworking(networking, connection, { log, onClosed });
  });
}

/** Whether what is sent now can be understood: end-to-end encrypted, or a call without it. */
export function isEncrypted(connection: VoiceConnection): boolean {
  const { state } = connection;
  if (state.status !== VoiceConnectionStatus.Ready) return false;
  const { dave } = networkingOf(state).state;
  return dave === undefined || dave.protocolVersion === 0 || (dave.session?.ready ?? false);
}

/** Whether nobody else is connected to the call, as far as the voice server said. */
export function isAlone(connection: VoiceConnection): boolean {
  const { state } = connection;
  if (state.status !== VoiceConnectionStatus.Ready) return false;
  return (networkingOf(state).state.connectionData?.connectedClients.size ?? 0) === 0;
}

/** Disconnected: a kick or a move, which the library tells apart by what the gateway says next. */
const DISCONNECTED = 4014;
const DISCOVERY_MS = 300;
const MOST_DISCOVERIES = 8;

/** States of the library's networking, by its numbers. */
const UDP_HANDSHAKING = 2;
const SELECTING_PROTOCOL = 3;
const READY = 4;

interface Networking extends EventEmitter {
  readonly state: NetworkingState;
  readonly onWsBinary: (message: unknown) => void;
  createAudioPacket(opus: Buffer, seal: Seal, dave: NetworkingState['dave']): Buffer;
}

interface NetworkingState {
  readonly code: number;
  readonly ws?: EventEmitter;
  readonly udp?: {
    readonly socket: Socket;
    readonly remote: { readonly ip: string; readonly port: number };
    send(packet: Buffer): void;
  };
  readonly dave?: {
    readonly protocolVersion: number;
    readonly session?: { readonly ready: boolean };
    readonly lastTransitionId?: number;
    encrypt(opus: Buffer): Buffer;
    recoverFromInvalidTransition(transitionId: number): void;
  };
  readonly connectionData?: {
    readonly ssrc: number;
    readonly connectedClients: ReadonlySet<string>;
    readonly encryptionMode?: string;
    secretKey?: Uint8Array | KeyObject;
  };
}

function guardNetworking(
  networking: Networking,
  connection: VoiceConnection,
  { log, onClosed }: { log: VoiceLog; onClosed: (code: number) => void },
): void {
  // Before the library's own listener, which finds its connection gone and does nothing.
  networking.prependListener('close', (code: number) => {
    if (code === DISCONNECTED) return;
    connection.destroy(false);
    onClosed(code);
  });
  const guardedSockets = new WeakSet<EventEmitter>();
  const receive = guardBinary(networking, log);
  // After a resume there is another one.
  const guardSocket = ({ ws }: NetworkingState) => {
    if (!ws || guardedSockets.has(ws)) return;
    guardedSockets.add(ws);
    ws.removeListener('binary', networking.onWsBinary);
    ws.on('binary', receive);
  };
  guardSocket(networking.state);
  networking.on('stateChange', (before: NetworkingState, now: NetworkingState) => {
    guardSocket(now);
    if (now.udp && now.udp !== before.udp) repeatDiscovery(networking);
    if (now.code === READY && before.code === SELECTING_PROTOCOL) hasten(networking);
  });
}

/**
 * An encryption message that makes no sense must cost its epoch, not the process; and one that
 * comes before the connection is ready, which the library drops, must wait for it.
 */
function guardBinary(networking: Networking, log: VoiceLog): (message: unknown) => void {
  const early: unknown[] = [];
  networking.on('stateChange', (_: NetworkingState, { code }: NetworkingState) => {
    if (code === READY) for (const message of early.splice(0)) take(message);
  });
  return (message) => {
    if (networking.state.code === READY) take(message);
    else early.push(message);
  };

  function take(message: unknown): void {
    try {
      networking.onWsBinary(message);
    } catch (error) {
      log.warn({ err: error }, 'an end-to-end encryption message was refused');
      const { dave } = networking.state;
      dave?.recoverFromInvalidTransition(dave.lastTransitionId ?? 0);
    }
  }
}

function networkingOf(state: { readonly networking: unknown }): Networking {
  return state.networking as Networking;
}

/** The question for our own address is one datagram, and datagrams get lost. */
function repeatDiscovery(networking: Networking): void {
  let times = 0;
  const timer = setInterval(() => {
    const { code, udp, connectionData } = networking.state;
    times += 1;
    if (code !== UDP_HANDSHAKING || times > MOST_DISCOVERIES) return clearInterval(timer);
    const question = Buffer.alloc(74);
    question.writeUInt16BE(1, 0);
    question.writeUInt16BE(70, 2);
    question.writeUInt32BE(connectionData?.ssrc ?? 0, 4);
    udp?.send(question);
  }, DISCOVERY_MS);
}

/**
 * A key object, a connected socket and packets made in one buffer, where the library makes the key
 * anew and looks up the address each time (the key alone: a fifth of what 100 sessions cost).
 */
function hasten(networking: Networking): void {
  const { udp, connectionData } = networking.state;
  if (!udp || !connectionData) return;
  const { secretKey, encryptionMode } = connectionData;
  if (encryptionMode === 'aead_aes256_gcm_rtpsize' && secretKey instanceof Uint8Array) {
    connectionData.secretKey = createSecretKey(secretKey);
    networking.createAudioPacket = (opus, seal, dave) =>
      sealPacket(dave?.encrypt(opus) ?? opus, seal);
  }
  const { socket, remote } = udp;
  socket.connect(remote.port, remote.ip, () => {
    // Without a callback: a packet that was not sent is a packet lost.
    udp.send = (packet) => socket.send(packet);
  });
}
