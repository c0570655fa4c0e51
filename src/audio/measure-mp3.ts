import { HEADER_BYTES, id3Bytes, readHeader } from './mp3-header.ts';

/** How long an mp3 lasts and what it is made of, by its frames: what it says of itself need not be true. */
export function measureMp3(file: Uint8Array): { seconds: number; channels: number } {
  let [seconds, channels] = [0, 0];
  let at = id3Bytes(file);
  while (at + HEADER_BYTES <= file.byteLength) {
    const frame = readHeader(file.subarray(at, at + HEADER_BYTES));
    seconds += frame?.seconds ?? 0;
    channels = Math.max(channels, frame?.channels ?? 0);
    at += frame?.bytes ?? 1;
  }
  return { seconds, channels };
}
