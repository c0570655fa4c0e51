/** What the header of a frame says. */
export interface Mp3Frame {
  readonly samples: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly channels: 1 | 2;
  /** Where Xing's tag stands in a frame that holds one instead of sound: behind the side information. */
  readonly tagOffset: number;
}

export const HEADER_BYTES = 4;
export const ID3_HEADER_BYTES = 10;

/** Kilobits a second by their number in the header; the first and the last are not used. */
const BITRATES = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const LOW_BITRATES = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const SAMPLE_RATES = [44_100, 48_000, 32_000];
/** How often the rate is halved, by the number of the version. */
const HALVINGS: Readonly<Record<number, number>> = { 3: 0, 2: 1, 0: 2 };
const LAYER_3 = 1;
const MONO = 3;

/** Undefined where no frame begins. */
export function readHeader(header: Uint8Array): Mp3Frame | undefined {
  const [sync = 0, kind = 0, rates = 0, mode = 0] = header;
  if (sync !== 0xff || kind >> 5 !== 0b111 || ((kind >> 1) & 0b11) !== LAYER_3) return undefined;
  const halvings = HALVINGS[(kind >> 3) & 0b11];
  const fullRate = SAMPLE_RATES[(rates >> 2) & 0b11];
  if (halvings === undefined || fullRate === undefined) return undefined;
  const isFull = halvings === 0;
  const kilobits = (isFull ? BITRATES : LOW_BITRATES)[rates >> 4];
  if (!kilobits) return undefined;
  const samples = isFull ? 1152 : 576;
  const seconds = (samples * 2 ** halvings) / fullRate;
  const padding = (rates >> 1) & 1;
  const channels = mode >> 6 === MONO ? 1 : 2;
  const [mono, stereo] = isFull ? [17, 32] : [9, 17];
  return {
    samples,
    seconds,
    bytes: Math.floor(seconds * kilobits * 125) + padding,
    channels,
    tagOffset: HEADER_BYTES + (channels === 1 ? mono : stereo),
  };
}

/** How long the ID3 tag is that begins here, 0 for none; its size has seven bits in each byte. */
export function id3Bytes(start: Uint8Array): number {
  if (start[0] !== 0x49 || start[1] !== 0x44 || start[2] !== 0x33) return 0;
  const size = start.subarray(6, ID3_HEADER_BYTES).reduce((sum, byte) => sum * 128 + byte, 0);
  return ID3_HEADER_BYTES + size;
}
