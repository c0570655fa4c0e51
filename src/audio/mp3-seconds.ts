import { HEADER_BYTES, id3Bytes, readHeader } from './mp3-header.ts';

/** How long an mp3 lasts, by its frames: what it says of itself need not be true. */
export function mp3Seconds(file: Uint8Array): number {
  let seconds = 0;
  let at = id3Bytes(file);
  while (at + HEADER_BYTES <= file.byteLength) {
    const frame = readHeader(file.subarray(at, at + HEADER_BYTES));
    seconds += frame?.seconds ?? 0;
    at += frame?.bytes ?? 1;
  }
  return seconds;
}
