import { createSecretKey } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import type { VoiceConnection } from '@discordjs/voice';
import { type Networking, type NetworkingState, READY } from './networking.ts';
import { type Seal, sealPacket } from './seal.ts';
import type { VoiceLog } from './voice-messages.ts';

/**
 * What `@discordjs/voice` 0.19.2 needs around it. Left alone it asks for the channel over a hundred
 * times a second when refused, waits for ever on one lost datagram, and ends the process on an
 * unexpected end-to-end encryption message. This reaches into its private parts, so its version is
 * pinned exactly and the tests of this folder are the contract for an upgrade.
 */
export function guardConnection(connection: VoiceConnection, hooks: Hooks): void {
  const guarded = new WeakSet<object>();
  connection.on('error', ({ message }) =>
    hooks.log.warn({ why: message }, 'a voice connection failed'),
  );
  connection.on('stateChange', (_, next) => {
    const networking = Reflect.get(next, 'networking') as Networking | undefined;
    if (!networking || guarded.has(networking)) return;
    guarded.add(networking);
    guardNetworking(networking, connection, hooks);
  });
}

interface Hooks {
  readonly log: VoiceLog;
  readonly onClosed: (code: number) => void;
  /** The voice server said something: the keys may be others now, and who is there. */
  readonly onNews: () => void;
}

/**
 * Authentication failed, server not found, unknown protocol or encryption, E2EE required, rate
 * limited. A call that ended (4022) is none of them: its channel may only have got another server,
 * and if it was deleted the gateway says so.
 */
export const FATAL_CODES = new Set([4004, 4011, 4012, 4016, 4017, 4021]);
/** Disconnected: a kick or a move, which the library tells apart by what the gateway says next. */
const DISCONNECTED = 4014;
const DISCOVERY_MS = 300;
const MOST_DISCOVERIES = 8;

/** States before the library's networking is ready. */
const UDP_HANDSHAKING = 2;
const SELECTING_PROTOCOL = 3;

function guardNetworking(
  networking: Networking,
  connection: VoiceConnection,
  { log, onClosed, onNews }: Hooks,
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
    ws.on('binary', onNews);
    ws.on('packet', onNews);
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
      log.warn({ why: String(error) }, 'an end-to-end encryption message was refused');
      const { dave } = networking.state;
      dave?.recoverFromInvalidTransition(dave.lastTransitionId ?? 0);
    }
  }
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
    networking.createAudioPacket = (opus, data, dave) =>
      sealPacket(dave?.encrypt(opus) ?? opus, data as Seal);
  }
  const { socket, remote } = udp;
  socket.connect(remote.port, remote.ip, () => {
    // Without a callback: a packet that was not sent is a packet lost.
    udp.send = (packet) => socket.send(packet);
  });
}
