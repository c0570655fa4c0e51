/** Mono 16-bit sound arriving piece by piece. */
export interface PcmStream {
  readonly sampleRate: number;
  readonly chunks: AsyncIterable<Int16Array>;
}

/** Mono 16-bit sound, all of it. */
export interface Pcm {
  readonly sampleRate: number;
  readonly samples: Int16Array;
}

/** How much sound a packet of Discord voice carries, and what is looked at in one go. */
export const FRAME_MS = 20;
/** The same in samples, as Opus and RTP count them: of 48 kHz, whatever was encoded. */
export const FRAME_SAMPLES = 48 * FRAME_MS;

export function joinSamples(parts: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** A sample as 16 bits hold it. @param value 1 is the loudest. */
export function toInt16(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768)));
}
