import { NotAudioError } from './not-audio-error.ts';

/** An Opus packet taken apart (RFC 6716, section 3). */
export interface OpusPacket {
  /** As it came. */
  readonly bytes: Uint8Array;
  /** The upper six bits of its first byte: frames with the same ones may share a packet. */
  readonly config: number;
  readonly mode: 'silk' | 'hybrid' | 'celt';
  /** The length of each frame in samples at 48 kHz: 120 to 2,880. */
  readonly frameSamples: number;
  /** Without their lengths and padding; one of no bytes is left for the decoder to fill in. */
  readonly frames: readonly Uint8Array[];
}

const MAX_FRAME_BYTES = 1_275;
/** 120 ms. */
const MAX_SAMPLES = 5_760;

/** Takes a packet apart, its frames being views of it. @throws NotAudioError for a malformed one. */
export function parseOpus(bytes: Uint8Array): OpusPacket {
  const [toc] = bytes;
  if (toc === undefined) throw new NotAudioError('an empty Opus packet');
  const { mode, frameSamples } = readConfig(toc >> 3);
  const frames = findFrames(bytes);
  const isSane = frames.every(({ byteLength }) => byteLength <= MAX_FRAME_BYTES);
  if (!isSane || frames.length * frameSamples > MAX_SAMPLES) throw malformed();
  return { bytes, config: toc & CONFIG_BITS, mode, frameSamples, frames };
}

/** One packet of frames that are alike, bit by bit as they are. */
export function packOpus(config: number, frames: readonly Uint8Array[]): Uint8Array {
  const [first = EMPTY, ...others] = frames;
  if (others.length === 0) return Buffer.concat([Uint8Array.of(config), first]);
  const lengths = frames.slice(0, -1).flatMap(({ byteLength }) => writeLength(byteLength));
  const head = [config | CODES.many, IS_VBR | frames.length, ...lengths];
  return Buffer.concat([Uint8Array.from(head), ...frames]);
}

/** The lower two bits of the first byte: how many frames there are. */
const CODES = { one: 0, two: 1, twoUnequal: 2, many: 3 } as const;
const CONFIG_BITS = 0b1111_1100;
/** Of the second byte, where there is one: lengths and padding, then the number of frames. */
const IS_VBR = 0x80;
const IS_PADDED = 0x40;
const COUNT_BITS = 0x3f;
/** From here on a length takes two bytes. */
const LONG = 252;
const EMPTY = new Uint8Array(0);

function readConfig(config: number): Pick<OpusPacket, 'mode' | 'frameSamples'> {
  if (config < 12) return { mode: 'silk', frameSamples: [480, 960, 1920, 2880][config & 3] ?? 0 };
  if (config < 16) return { mode: 'hybrid', frameSamples: config & 1 ? 960 : 480 };
  return { mode: 'celt', frameSamples: 120 << (config & 3) };
}

function findFrames(bytes: Uint8Array): readonly Uint8Array[] {
  const body = bytes.subarray(1);
  switch ((bytes[0] ?? 0) & 3) {
    case CODES.one:
      return [body];
    case CODES.two:
      return cutEvenly(body, 2);
    case CODES.twoUnequal:
      return cutByLengths(body, 2);
    default:
      return findMany(body);
  }
}

function findMany(body: Uint8Array): readonly Uint8Array[] {
  const [head = 0] = body;
  const count = head & COUNT_BITS;
  if (count === 0) throw malformed();
  let start = 1;
  let padding = 0;
  for (let isMore = (head & IS_PADDED) !== 0; isMore; start += 1) {
    const byte = body[start];
    if (byte === undefined) throw malformed();
    isMore = byte === 255;
    padding += isMore ? 254 : byte;
  }
  const end = body.byteLength - padding;
  if (end < start) throw malformed();
  const content = body.subarray(start, end);
  return head & IS_VBR ? cutByLengths(content, count) : cutEvenly(content, count);
}

function cutEvenly(content: Uint8Array, count: number): readonly Uint8Array[] {
  const length = content.byteLength / count;
  if (!Number.isInteger(length)) throw malformed();
  return Array.from({ length: count }, (_, index) =>
    content.subarray(index * length, (index + 1) * length),
  );
}

/** All lengths but the last stand in front. */
function cutByLengths(content: Uint8Array, count: number): readonly Uint8Array[] {
  const lengths: number[] = [];
  let offset = 0;
  while (lengths.length < count - 1) {
    const [low, high] = content.subarray(offset);
    if (low === undefined || (low >= LONG && high === undefined)) throw malformed();
    lengths.push(low < LONG ? low : low + 4 * (high ?? 0));
    offset += low < LONG ? 1 : 2;
  }
  const frames = lengths.map((length) => {
    if (offset + length > content.byteLength) throw malformed();
    offset += length;
    return content.subarray(offset - length, offset);
  });
  return [...frames, content.subarray(offset)];
}

function writeLength(length: number): readonly number[] {
  if (length < LONG) return [length];
  const low = LONG + (length & 3);
  return [low, (length - low) >> 2];
}

function malformed(): NotAudioError {
  return new NotAudioError('a malformed Opus packet');
}
