/** How long an mp3 lasts, by its frames: what it says of itself need not be true. */
export function mp3Seconds(file: Uint8Array): number {
  let seconds = 0;
  let at = tagBytes(file);
  while (at + HEADER_BYTES <= file.byteLength) {
    const frame = readHeader(file.subarray(at, at + HEADER_BYTES));
    seconds += frame?.seconds ?? 0;
    at += frame?.bytes ?? 1;
  }
  return seconds;
}

const HEADER_BYTES = 4;
const TAG_HEADER_BYTES = 10;

/** An ID3 tag stands before the frames; its size has seven bits in each byte. */
function tagBytes(file: Uint8Array): number {
  if (Buffer.from(file.subarray(0, 3)).toString('latin1') !== 'ID3') return 0;
  const size = file.subarray(6, TAG_HEADER_BYTES).reduce((sum, byte) => sum * 128 + byte, 0);
  return TAG_HEADER_BYTES + size;
}

/** Kilobits a second by their number in the header; the first and the last are not used. */
const BITRATES = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const LOW_BITRATES = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const SAMPLE_RATES = [44_100, 48_000, 32_000];
/** How often the rate is halved, by the number of the version. */
const HALVINGS: Readonly<Record<number, number>> = { 3: 0, 2: 1, 0: 2 };
const LAYER_3 = 1;

/** Undefined where no frame begins. */
function readHeader(header: Uint8Array): { seconds: number; bytes: number } | undefined {
  const [sync = 0, kind = 0, rates = 0] = header;
  if (sync !== 0xff || kind >> 5 !== 0b111 || ((kind >> 1) & 0b11) !== LAYER_3) return undefined;
  const halvings = HALVINGS[(kind >> 3) & 0b11];
  const fullRate = SAMPLE_RATES[(rates >> 2) & 0b11];
  if (halvings === undefined || fullRate === undefined) return undefined;
  const kilobits = (halvings === 0 ? BITRATES : LOW_BITRATES)[rates >> 4];
  if (!kilobits) return undefined;
  const samples = halvings === 0 ? 1152 : 576;
  const seconds = (samples * 2 ** halvings) / fullRate;
  const padding = (rates >> 1) & 1;
  return { seconds, bytes: Math.floor(seconds * kilobits * 125) + padding };
}
