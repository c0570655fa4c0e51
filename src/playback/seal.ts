import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';

/** What the library keeps of a connection whose packets are sealed with AES-256-GCM. */
export interface Seal {
  readonly ssrc: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly secretKey: KeyObject;
  /** The number of the last packet: no two are sealed under the same. */
  nonce: number;
  /** 12 bytes, that number in front. */
  readonly nonceBuffer: Buffer;
}

const HEADER_BYTES = 12;
const TAG_BYTES = 16;
const COUNTER_BYTES = 4;
/** RTP version 2, and the payload type of Opus. */
const RTP = 0x8078;

/** Makes the packet for the wire, as the library does, in one buffer: header, ciphertext, tag, number. */
export function sealPacket(payload: Uint8Array, seal: Seal): Buffer {
  seal.nonce = (seal.nonce + 1) >>> 0;
  seal.nonceBuffer.writeUInt32BE(seal.nonce);
  const tagAt = HEADER_BYTES + payload.byteLength;
  const packet = Buffer.allocUnsafe(tagAt + TAG_BYTES + COUNTER_BYTES);
  packet.writeUInt16BE(RTP, 0);
  packet.writeUInt16BE(seal.sequence, 2);
  packet.writeUInt32BE(seal.timestamp, 4);
  packet.writeUInt32BE(seal.ssrc, 8);
  const cipher = createCipheriv('aes-256-gcm', seal.secretKey, seal.nonceBuffer);
  cipher.setAAD(packet.subarray(0, HEADER_BYTES));
  packet.set(cipher.update(payload), HEADER_BYTES);
  cipher.final();
  packet.set(cipher.getAuthTag(), tagAt);
  packet.writeUInt32BE(seal.nonce, tagAt + TAG_BYTES);
  return packet;
}

/** Seals one for nobody, which loads the cipher: the first packet to be heard leaves 1 to 5 ms sooner. */
export function primeSeal(): void {
  const secretKey = createSecretKey(Buffer.alloc(32));
  const nonceBuffer = Buffer.alloc(12);
  const seal = { ssrc: 0, sequence: 0, timestamp: 0, secretKey, nonce: 0, nonceBuffer };
  sealPacket(Buffer.alloc(3), seal);
}
