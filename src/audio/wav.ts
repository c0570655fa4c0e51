import { NotAudioError } from './not-audio-error.ts';
import type { Pcm, PcmStream } from './pcm.ts';

const HEADER_BYTES = 44;
const PCM_FORMAT = 1;
/** Chunks before the sound are small; a header longer than this is something else. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * Reads a WAV as it arrives: 16-bit, mono or the first of its channels. The length in the header is
 * not believed, because a streamed file cannot know it: the sound ends with the bytes, except where
 * another chunk follows a plausible length.
 * @throws NotAudioError for anything else, also while the chunks are read.
 */
export async function openWav(bytes: AsyncIterable<Uint8Array>): Promise<PcmStream> {
  const iterator = bytes[Symbol.asyncIterator]();
  let buffer: Buffer = Buffer.alloc(0);
  for (;;) {
    const header = readHeader(buffer);
    if (header) {
      const rest = buffer.subarray(header.dataOffset);
      return { sampleRate: header.sampleRate, chunks: readSamples(rest, iterator, header) };
    }
    if (buffer.byteLength > MAX_HEADER_BYTES) throw new NotAudioError('a WAV without sound');
    const { done, value } = await iterator.next();
    if (done) throw new NotAudioError('a WAV that ends in its header');
    buffer = Buffer.concat([buffer, value]);
  }
}

/** A mono 16-bit WAV with the shortest header there is and nothing after the sound. */
export function writeWav({ sampleRate, samples }: Pcm): Uint8Array {
  const file = Buffer.alloc(HEADER_BYTES + samples.byteLength);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(file.byteLength - 8, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(PCM_FORMAT, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(sampleRate, 24);
  file.writeUInt32LE(sampleRate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(samples.byteLength, 40);
  file.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), HEADER_BYTES);
  return file;
}

interface Header {
  readonly sampleRate: number;
  readonly channels: number;
  readonly dataOffset: number;
  /** Undefined for a placeholder: to the end. */
  readonly dataBytes: number | undefined;
}

/** The header, or undefined while its end has not arrived. */
function readHeader(bytes: Buffer): Header | undefined {
  if (bytes.byteLength < 12) return undefined;
  const isWav =
    bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WAVE';
  if (!isWav) throw new NotAudioError('no WAV, though it is called one');
  let format: Pick<Header, 'sampleRate' | 'channels'> | undefined;
  for (let offset = 12; offset + 8 <= bytes.byteLength; ) {
    const id = bytes.toString('latin1', offset, offset + 4);
    const size = bytes.readUInt32LE(offset + 4);
    const body = offset + 8;
    if (id === 'data') {
      if (!format) throw new NotAudioError('a WAV that does not say its format');
      const isPlaceholder = size === 0 || size >= 0x7fff_ffff;
      return { ...format, dataOffset: body, dataBytes: isPlaceholder ? undefined : size };
    }
    if (id === 'fmt ') {
      if (bytes.byteLength < body + 16) return undefined;
      format = readFormat(bytes, body);
    }
    offset = body + size + (size % 2);
  }
  return undefined;
}

function readFormat(bytes: Buffer, body: number) {
  const kind = bytes.readUInt16LE(body);
  const channels = bytes.readUInt16LE(body + 2);
  const sampleRate = bytes.readUInt32LE(body + 4);
  const bits = bytes.readUInt16LE(body + 14);
  const isKnown = kind === PCM_FORMAT && bits === 16 && (channels === 1 || channels === 2);
  if (!isKnown || sampleRate < 8_000 || sampleRate > 192_000)
    throw new NotAudioError(`a WAV of ${bits} bits, ${channels} channels, format ${kind}`);
  return { sampleRate, channels };
}

async function* readSamples(
  first: Buffer,
  iterator: AsyncIterator<Uint8Array>,
  { channels, dataBytes = Number.POSITIVE_INFINITY }: Header,
): AsyncGenerator<Int16Array> {
  const frameBytes = channels * 2;
  let left = dataBytes;
  let kept: Buffer = Buffer.alloc(0);
  try {
    for (let next: Uint8Array | undefined = first; next; next = await nextOf(iterator)) {
      const bytes = kept.byteLength > 0 ? Buffer.concat([kept, next]) : Buffer.from(next);
      const whole = Math.min(left, bytes.byteLength - (bytes.byteLength % frameBytes));
      kept = bytes.subarray(whole);
      left -= whole;
      if (whole > 0) yield toMono(bytes.subarray(0, whole), channels);
      if (left <= 0) return;
    }
  } finally {
    await iterator.return?.();
  }
}

async function nextOf(iterator: AsyncIterator<Uint8Array>): Promise<Uint8Array | undefined> {
  const { done, value } = await iterator.next();
  return done ? undefined : value;
}

function toMono(bytes: Buffer, channels: number): Int16Array {
  const samples = new Int16Array(bytes.byteLength / 2 / channels);
  for (let index = 0; index < samples.length; index += 1)
    samples[index] = bytes.readInt16LE(index * 2 * channels);
  return samples;
}
