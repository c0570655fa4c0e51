import { NotAudioError } from './not-audio-error.ts';
import { openPcm } from './open-pcm.ts';
import type { Pcm, PcmStream } from './pcm.ts';

const HEADER_BYTES = 44;
const PCM_FORMAT = 1;
/** Chunks before the sound are small; a header longer than this is something else. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * Reads a WAV as it arrives: 16-bit, mono or the first of two channels. A length that a streamed
 * file cannot have known is not believed: its sound ends with the bytes.
 * @throws NotAudioError for anything else, also while the chunks are read.
 */
export function openWav(bytes: AsyncIterable<Uint8Array>): Promise<PcmStream> {
  return openPcm(readWav(bytes));
}

/** A mono 16-bit WAV with the shortest header there is and nothing after the sound. */
export function writeWav({ sampleRate, samples }: Pcm): Uint8Array<ArrayBuffer> {
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

async function* readWav(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Pcm> {
  let header: Header | undefined;
  let kept: Buffer = Buffer.alloc(0);
  let left = 0;
  for await (const chunk of bytes) {
    // The end of the sound is no reason to leave a body that is about to end, and its connection.
    if (header && left === 0) return;
    kept = Buffer.concat([kept, chunk]);
    if (!header) {
      header = findHeader(kept);
      if (!header) continue;
      kept = kept.subarray(header.dataOffset);
      left = header.dataBytes;
    }
    const { sampleRate, channels } = header;
    const frameBytes = channels * 2;
    const here = Math.min(left, kept.byteLength);
    const whole = here - (here % frameBytes);
    if (whole > 0) yield { sampleRate, samples: firstChannel(kept.subarray(0, whole), channels) };
    kept = kept.subarray(whole);
    left = left - whole < frameBytes ? 0 : left - whole;
  }
  if (!header) throw new NotAudioError('a WAV that ends in its header');
}

interface Header {
  readonly sampleRate: number;
  readonly channels: number;
  readonly dataOffset: number;
  /** Infinite for a placeholder. */
  readonly dataBytes: number;
}

/** The header, or undefined while its end has not arrived. */
function findHeader(bytes: Buffer): Header | undefined {
  if (bytes.byteLength < 12) return undefined;
  const isWav =
    bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WAVE';
  if (!isWav) throw new NotAudioError('no WAV, though it is called one');
  let format: Pick<Header, 'sampleRate' | 'channels'> | undefined;
  let offset = 12;
  while (offset <= MAX_HEADER_BYTES) {
    if (bytes.byteLength < offset + 8) return undefined;
    const id = bytes.toString('latin1', offset, offset + 4);
    const size = bytes.readUInt32LE(offset + 4);
    const body = offset + 8;
    if (id === 'data') {
      if (!format) throw new NotAudioError('a WAV that does not say its format');
      const isPlaceholder = size === 0 || size >= 0x7fff_ffff;
      return { ...format, dataOffset: body, dataBytes: isPlaceholder ? Infinity : size };
    }
    if (id === 'fmt ') {
      if (bytes.byteLength < body + 16) return undefined;
      format = readFormat(bytes, body);
    }
    offset = body + size + (size % 2);
  }
  throw new NotAudioError('a WAV that does not come to its sound');
}

function readFormat(bytes: Buffer, body: number): Pick<Header, 'sampleRate' | 'channels'> {
  const kind = bytes.readUInt16LE(body);
  const channels = bytes.readUInt16LE(body + 2);
  const sampleRate = bytes.readUInt32LE(body + 4);
  const bits = bytes.readUInt16LE(body + 14);
  const isKnown = kind === PCM_FORMAT && bits === 16 && (channels === 1 || channels === 2);
  if (!isKnown || sampleRate < 8_000 || sampleRate > 192_000)
    throw new NotAudioError(`a WAV of ${bits} bits, ${channels} channels, format ${kind}`);
  return { sampleRate, channels };
}

function firstChannel(bytes: Buffer, channels: number): Int16Array {
  const all = new Int16Array(bytes.byteLength / 2);
  bytes.copy(new Uint8Array(all.buffer));
  return channels === 1 ? all : all.filter((_, index) => index % channels === 0);
}
