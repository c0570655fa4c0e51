import { NotAudioError } from './not-audio-error.ts';

/** What the chunks before the sound of a WAV say of it. */
export interface WavHeader extends WavFormat {
  /** Where the sound begins. */
  readonly dataOffset: number;
  /** Infinite for a placeholder: a stream that is made while it is sent cannot know. */
  readonly dataBytes: number;
}

export interface WavFormat {
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  /** Of one sample of one channel. */
  readonly bytes: 2 | 3 | 4 | 8;
  readonly isFloat: boolean;
}

const PCM = 1;
const FLOAT = 3;
/** What kind it is stands further on, at the beginning of a GUID. */
const EXTENSIBLE = 0xfffe;
const EXTENSIBLE_BYTES = 40;
const KIND_IN_EXTENSIBLE = 24;
/** Chunks before the sound are small; a header longer than this is something else. */
const MAX_HEADER_BYTES = 64 * 1024;
/** `RIFF`, a length that is not believed, `WAVE`. */
export const WAV_START_BYTES = 12;

/** The header, or undefined while its end has not arrived. @throws NotAudioError. */
export function readWavHeader(bytes: Buffer): WavHeader | undefined {
  if (bytes.byteLength < WAV_START_BYTES) return undefined;
  if (findWav(bytes) !== 0) throw new NotAudioError('no WAV, though it is called one');
  let format: WavFormat | undefined;
  let offset = WAV_START_BYTES;
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
      if (bytes.byteLength < body + Math.min(size, EXTENSIBLE_BYTES)) return undefined;
      format = readFormat(bytes.subarray(body, body + size));
    }
    offset = body + size + (size % 2);
  }
  throw new NotAudioError('a WAV that does not come to its sound');
}

/** Where a WAV begins in the bytes, or may begin with their last ones; their length for nowhere. */
export function findWav(bytes: Buffer): number {
  for (let from = 0; ; from += 1) {
    from = bytes.indexOf('R', from, 'latin1');
    if (from === -1) return bytes.byteLength;
    const start = bytes.toString('latin1', from, from + WAV_START_BYTES);
    const isRiff = 'RIFF'.startsWith(start.slice(0, 4));
    if (isRiff && 'WAVE'.startsWith(start.slice(8))) return from;
  }
}

function readFormat(body: Buffer): WavFormat {
  const readAt = (offset: number) => (body.byteLength < offset + 2 ? 0 : body.readUInt16LE(offset));
  const [kind, channels, bits] = [readAt(0), readAt(2), readAt(14)];
  const sampleRate = readAt(4) + readAt(6) * 0x1_0000;
  const told = kind === EXTENSIBLE ? readAt(KIND_IN_EXTENSIBLE) : kind;
  const bytes = WIDTHS[told]?.find((width) => width * 8 === bits);
  const isKnown = bytes !== undefined && (channels === 1 || channels === 2);
  if (!isKnown || sampleRate < 8_000 || sampleRate > 192_000)
    throw new NotAudioError(`a WAV of ${bits} bits, ${channels} channels, format ${kind}`);
  return { sampleRate, channels, bytes, isFloat: told === FLOAT };
}

/** Bytes of a sample that are read, by the kind of the format. */
const WIDTHS: Readonly<Record<number, readonly WavFormat['bytes'][]>> = {
  [PCM]: [2, 3, 4],
  [FLOAT]: [4, 8],
};
