import { deflateSync } from 'node:zlib';
import type { PcmStream } from '../../src/audio/pcm.ts';
import { type Converter, createConverter } from '../venice/sound.ts';
import { joinSamples, loadSynthesis, SAMPLE_RATE } from '../venice/synthesis.ts';

/** Somebody talking, and ways to make every kind of file of it. */
export interface Recordings extends AsyncDisposable {
  readonly converter: Converter;
  /** So many seconds of somebody talking without long pauses, at 24 kHz. */
  talk(seconds: number): Int16Array;
  /** @param args FFmpeg's, for the output. */
  encode(samples: Int16Array, args: readonly string[]): Promise<Uint8Array>;
  wav(samples: Int16Array): Promise<Uint8Array>;
  /** With a moving picture before the sound. */
  film(samples: Int16Array, args: readonly string[]): Promise<Uint8Array>;
}

const READING =
  'This is what I read aloud, so that my voice can be made from it. I am sitting in a quiet room, and I talk as I always do. The quick brown fox jumps over the lazy dog, again and again. ';

export async function createRecordings(): Promise<Recordings> {
  const [converter, synthesis] = await Promise.all([createConverter(), loadSynthesis()]);
  const talking = synthesis.speak(READING.repeat(9));
  const encode: Recordings['encode'] = (samples, args) =>
    converter.fromPcm({ sampleRate: SAMPLE_RATE, samples }, args);
  return {
    converter,
    encode,
    talk: (seconds) => talking.slice(0, seconds * SAMPLE_RATE),
    wav: (samples) => encode(samples, ['-f', 'wav']),
    async film(samples, args) {
      const picture = ['-f', 'lavfi', '-i', 'testsrc=s=64x64:r=10:d=20'];
      const tracks = ['-map', '0:v', '-map', '1:a', '-shortest'];
      const sound = await encode(samples, ['-f', 'wav']);
      return await converter.convert(sound, picture, [...tracks, ...args]);
    },
    [Symbol.asyncDispose]: () => converter[Symbol.asyncDispose](),
  };
}

export function silence(seconds: number): Int16Array {
  return new Int16Array(seconds * SAMPLE_RATE);
}

export function join(...parts: readonly Int16Array[]): Int16Array {
  return joinSamples(parts);
}

export function louder(samples: Int16Array, decibels: number): Int16Array {
  const gain = 10 ** (decibels / 20);
  return samples.map((value) => Math.max(-32_768, Math.min(32_767, Math.round(value * gain))));
}

/** The same noise each time, so that a failure can be repeated. */
export function noise(seconds: number, peak: number): Int16Array {
  const random = createRandom(1);
  return silence(seconds).map(() => Math.round((random() * 2 - 1) * peak));
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How alike two sounds of one rate are, whichever starts later: 1 is the same, 0 unrelated. */
export function alike(one: Int16Array, other: Int16Array): number {
  let [lag, best] = [0, 0];
  for (let tried = -MAX_LAG; tried <= MAX_LAG; tried += 1) {
    const likeness = correlate(one, other, tried, { from: MAX_LAG, to: 5 * MAX_LAG, step: 3 });
    if (likeness > best) [lag, best] = [tried, likeness];
  }
  return correlate(one, other, lag, { from: 0, to: Math.max(one.length, other.length), step: 1 });
}

/** Further apart than any codec's delay and what is trimmed. */
const MAX_LAG = 3000;

function correlate(
  one: Int16Array,
  other: Int16Array,
  lag: number,
  { from, to, step }: { from: number; to: number; step: number },
): number {
  let [product, power, otherPower] = [0, 1, 1];
  for (let index = from; index < to; index += step) {
    const a = one[index] ?? 0;
    const b = other[index + lag] ?? 0;
    product += a * b;
    power += a * a;
    otherPower += b * b;
  }
  return product / Math.sqrt(power * otherPower);
}

/** Bytes in pieces of random lengths, some of them empty. */
export function cutUp(
  bytes: Uint8Array,
  random: () => number,
  maxBytes: number,
): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.byteLength; ) {
    const piece = bytes.subarray(offset, offset + Math.floor(random() * (maxBytes + 1)));
    pieces.push(piece);
    offset += piece.byteLength;
  }
  return pieces;
}

export async function* stream<T>(pieces: Iterable<T>): AsyncGenerator<T> {
  yield* pieces;
}

export async function collect({ chunks }: PcmStream): Promise<Int16Array> {
  return joinSamples(await Array.fromAsync(chunks));
}

/** A picture so large that decoding it would cost hundreds of megabytes, in a few bytes. */
export function hugePng(side: number): Buffer {
  const chunk = (type: string, data: Uint8Array) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(data.byteLength, 0);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, data, Buffer.alloc(4)]);
  };
  const size = Buffer.alloc(13);
  size.writeUInt32BE(side, 0);
  size.writeUInt32BE(side, 4);
  size.writeUInt8(8, 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  const pixels = deflateSync(Buffer.alloc(side * 100), { level: 1 });
  return Buffer.concat([signature, chunk('IHDR', size), chunk('IDAT', pixels)]);
}

/** An mp3 with a picture in the tag before its sound. */
export function withCover(mp3: Uint8Array, picture: Uint8Array): Buffer {
  const content = Buffer.concat([Buffer.from('\0image/png\0\x03\0', 'latin1'), picture]);
  const frame = Buffer.alloc(10);
  frame.write('APIC', 0, 'latin1');
  frame.writeUInt32BE(content.byteLength, 4);
  const length = frame.byteLength + content.byteLength;
  const size = [21, 14, 7, 0].map((shift) => (length >> shift) & 0x7f);
  const head = Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, ...size]);
  return Buffer.concat([head, frame, content, mp3]);
}
