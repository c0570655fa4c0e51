import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;

/**
 * Seals bytes with AES-256-GCM: version (1 byte), nonce (12), ciphertext, tag (16). The context is
 * authenticated along: a sealed value moved to another row or purpose does not open.
 */
export function seal(key: Uint8Array, plain: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const sealed = [cipher.update(plain), cipher.final()];
  return Buffer.concat([Buffer.of(VERSION), nonce, ...sealed, cipher.getAuthTag()]);
}

/** @throws Error when the key, the context or a bit of the bytes is not the sealed one. */
export function unseal(key: Uint8Array, sealed: Uint8Array, context: string): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes[0] !== VERSION) throw new Error(`Cannot open an envelope of version ${bytes[0]}`);
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([
    decipher.update(bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES)),
    decipher.final(),
  ]);
}

/** The contexts in use; part of the format, so never changed. */
export const contexts = {
  dataKey: (voice: string, owner: string) => `voice:${voice}:${owner}:key`,
  sample: (voice: string, owner: string) => `voice:${voice}:${owner}:sample`,
  handle: (voice: string, owner: string) => `voice:${voice}:${owner}:handle`,
  sound: (id: string) => `sound:${id}`,
  token: (interaction: string) => `pending:${interaction}:token`,
  answer: (interaction: string) => `pending:${interaction}:answer`,
} as const;
