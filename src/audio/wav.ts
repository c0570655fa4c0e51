import { NotAudioError } from './not-audio-error.ts';
import { openPcm } from './open-pcm.ts';
import { type Pcm, type PcmStream, toInt16 } from './pcm.ts';
import { createSidePicker, splitSides } from './sides.ts';
import {
  findWav,
  readWavHeader,
  WAV_START_BYTES,
  type WavFormat,
  type WavHeader,
} from './wav-header.ts';

const HEADER_BYTES = 44;

/**
 * Reads a WAV as it arrives, of one or two channels of 16, 24 or 32 bits or floats, and those strung
 * behind it. A length that a streamed file cannot have known is not believed: its sound ends where
 * the bytes end, or the next file begins.
 * @throws NotAudioError for anything else, also while the chunks are read, and in the end where there
 * are fewer bytes than the file says.
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
  file.writeUInt16LE(1, 20);
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
  const pick = createSidePicker();
  let kept: Buffer = Buffer.alloc(0);
  /** The file whose sound is being read. */
  let file: WavHeader | undefined;
  let files = 0;
  /** How much of its sound is still to come. */
  let left = 0;

  /** Goes to where the next file begins, once that is here. */
  function begin(): WavHeader | undefined {
    if (files > 0) kept = kept.subarray(findWav(kept));
    const header = readWavHeader(kept);
    if (!header) return undefined;
    kept = kept.subarray(header.dataOffset);
    left = header.dataBytes;
    files += 1;
    return header;
  }

  function* take(format: WavFormat, most: number): Generator<Pcm> {
    const here = Math.min(left, most);
    const whole = here - (here % frameBytes(format));
    if (whole === 0) return;
    const samples = pick(readSamples(kept.subarray(0, whole), format));
    kept = kept.subarray(whole);
    left -= whole;
    yield { sampleRate: format.sampleRate, samples };
  }

  for await (const piece of bytes) {
    kept = Buffer.concat([kept, piece]);
    for (file ??= begin(); file; file = begin()) {
      const next = left === Infinity ? findWav(kept) : Infinity;
      const isNextHere = next + WAV_START_BYTES <= kept.byteLength;
      yield* take(file, Math.min(next, kept.byteLength));
      if (!isNextHere && left >= frameBytes(file)) break;
    }
  }
  if (files === 0) throw new NotAudioError('a WAV that ends in its header');
  const isCut = file ? left < Infinity : kept.byteLength >= WAV_START_BYTES;
  if (isCut) throw new NotAudioError('a WAV that breaks off');
  // Its last bytes looked like another file.
  if (file) yield* take(file, kept.byteLength);
}

function frameBytes({ channels, bytes }: WavFormat): number {
  return channels * bytes;
}

/** Of each channel, in 16 bits: of more exact ones the upper. */
function readSamples(sound: Buffer, { channels, bytes, isFloat }: WavFormat) {
  const all = new Int16Array(sound.byteLength / bytes);
  if (bytes === 2) sound.copy(new Uint8Array(all.buffer));
  else
    for (let index = 0, at = 0; index < all.length; index += 1, at += bytes)
      all[index] = isFloat ? readFloat(sound, at, bytes) : sound.readInt16LE(at + bytes - 2);
  return splitSides(all, channels);
}

function readFloat(sound: Buffer, at: number, bytes: number): number {
  return toInt16(bytes === 4 ? sound.readFloatLE(at) : sound.readDoubleLE(at));
}
