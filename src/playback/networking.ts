import type { KeyObject } from 'node:crypto';
import type { Socket } from 'node:dgram';
import type { EventEmitter } from 'node:events';
import { type VoiceConnection, VoiceConnectionStatus } from '@discordjs/voice';
import { FRAME_SAMPLES } from '../audio/pcm.ts';
import type { Seal } from './seal.ts';

/** The private parts of the library's connection that are reached into, as its version 0.19.2 has them. */
export interface Networking extends EventEmitter {
  readonly state: NetworkingState;
  readonly onWsBinary: (message: unknown) => void;
  createAudioPacket(opus: Buffer, data: ConnectionData, dave: NetworkingState['dave']): Buffer;
  /** Sends a packet, and counts it. */
  playAudioPacket(packet: Buffer): void;
}

export interface NetworkingState {
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
  readonly connectionData?: ConnectionData;
}

interface ConnectionData extends Omit<Seal, 'secretKey'> {
  readonly connectedClients: ReadonlySet<string>;
  readonly encryptionMode?: string;
  secretKey?: Uint8Array | KeyObject;
  /** Of the next packet. */
  sequence: number;
  timestamp: number;
}

/** The state in which sound can be sent. */
export const READY = 4;

/** Whether what is sent now can be understood: end-to-end encrypted, or a call without it. */
export function isEncrypted(connection: VoiceConnection): boolean {
  const state = stateOf(connection);
  if (!state) return false;
  const { dave } = state;
  return dave === undefined || dave.protocolVersion === 0 || (dave.session?.ready ?? false);
}

/** Whether nobody else is connected to the call, as far as the voice server said. */
export function isAlone(connection: VoiceConnection): boolean {
  const state = stateOf(connection);
  return state !== undefined && (state.connectionData?.connectedClients.size ?? 0) === 0;
}

/** Makes the next packets for the wire, each as if those before it had been sent. @throws what encryption does. */
export function sealNext(connection: VoiceConnection, packets: readonly Buffer[]): Buffer[] {
  const networking = networkingOf(connection);
  const { connectionData: data, dave } = networking?.state ?? {};
  if (!networking || !data) return [];
  const { sequence, timestamp } = data;
  try {
    return packets.map((packet) => {
      const sealed = networking.createAudioPacket(packet, data, dave);
      data.sequence = (data.sequence + 1) & 0xffff;
      const next = data.timestamp + FRAME_SAMPLES;
      // As the library counts it once it is sent.
      data.timestamp = next < 2 ** 32 ? next : 0;
      return sealed;
    });
  } finally {
    Object.assign(data, { sequence, timestamp });
  }
}

/** Sends what was sealed, in that order. */
export function sendSealed(connection: VoiceConnection, packet: Buffer): void {
  networkingOf(connection)?.playAudioPacket(packet);
}

function stateOf(connection: VoiceConnection): NetworkingState | undefined {
  return networkingOf(connection)?.state;
}

function networkingOf({ state }: VoiceConnection): Networking | undefined {
  if (state.status !== VoiceConnectionStatus.Ready) return undefined;
  const { networking }: { readonly networking: unknown } = state;
  return networking as Networking;
}
