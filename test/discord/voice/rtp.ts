import { createDecipheriv } from 'node:crypto';
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';

export const AES = 'aead_aes256_gcm_rtpsize';
export const XCHACHA = 'aead_xchacha20_poly1305_rtpsize';
export type TransportMode = typeof AES | typeof XCHACHA;

const TAG_BYTES = 16;
const COUNTER_BYTES = 4;

export interface RtpPacket {
  readonly payloadType: number;
  readonly sequence: number;
  /** At 48 kHz: 960 a packet. */
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Buffer;
  /** The counter that it was sealed with. */
  readonly nonce: number;
}

/** Opens a voice packet as it came over UDP. @throws Error when it was not sealed with this key. */
export function openRtp(message: Buffer, key: Buffer, mode: TransportMode): RtpPacket {
  const header = message.subarray(0, 12);
  if (message[0] !== 0x80) throw new Error('A bot sends neither extensions nor other sources');
  const counter = message.subarray(-COUNTER_BYTES);
  const sealed = message.subarray(12, -COUNTER_BYTES);
  return {
    payloadType: (message[1] ?? 0) & 0x7f,
    sequence: header.readUInt16BE(2),
    timestamp: header.readUInt32BE(4),
    ssrc: header.readUInt32BE(8),
    nonce: counter.readUInt32BE(0),
    payload:
      mode === AES
        ? openAes(sealed, key, counter, header)
        : openXChaCha(sealed, key, counter, header),
  };
}

function openAes(sealed: Buffer, key: Buffer, counter: Buffer, header: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, padded(counter, 12));
  decipher.setAAD(header);
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
}

function openXChaCha(sealed: Buffer, key: Buffer, counter: Buffer, header: Buffer): Buffer {
  return Buffer.from(xchacha20poly1305(key, padded(counter, 24), header).decrypt(sealed));
}

function padded(counter: Buffer, length: number): Buffer {
  return Buffer.concat([counter, Buffer.alloc(length - COUNTER_BYTES)]);
}
