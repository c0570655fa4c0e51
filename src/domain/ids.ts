import { randomBytes } from 'node:crypto';

/** Discord's id of anything, as text: it does not fit a JavaScript number. */
export type Snowflake = string;

/** A member as every table but one names them: random, so that dropping the map forgets who it was. */
export type MemberRef = string;

const DISCORD_EPOCH_MS = 1_420_070_400_000;
// Without i, l, o and u: read aloud and typed without mistakes.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** Whether the text is a snowflake: 1 to 20 digits that fit 64 bits unsigned. */
export function isSnowflake(text: string): boolean {
  return /^\d{1,20}$/.test(text) && BigInt(text) < 1n << 64n;
}

/** When Discord made the thing, in epoch milliseconds. */
export function createdAtOf(id: Snowflake): number {
  return Number(BigInt(id) >> 22n) + DISCORD_EPOCH_MS;
}

/** A short id people can read out: 10 characters, 50 bits. */
export function publicId(): string {
  return Array.from(randomBytes(10), (byte) => ALPHABET[byte & 31]).join('');
}

/** 128 random bits as 22 characters of base64url. */
export function nonce(): string {
  return randomBytes(16).toString('base64url');
}
