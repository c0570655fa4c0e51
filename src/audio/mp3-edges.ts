import { HEADER_BYTES, id3Bytes, type Mp3Frame, readHeader } from './mp3-header.ts';
import { NotAudioError } from './not-audio-error.ts';

/** What lies around the sound of an mp3, in samples as a decoder gives them. */
export interface Mp3Edges {
  /** Where the sound begins. */
  readonly start: number;
  /** Where it ends; infinite where the mp3 does not say so. */
  readonly soundEnd: number;
  /** Where the padding behind it ends: what comes later is another mp3, without a tag. */
  readonly end: number;
}

/** What every decoder adds in front, and takes from the padding behind. */
const DECODER_DELAY = 529;
/** LAME's; no encoder's can be less than 528, as long as its own filters. */
const USUAL_DELAY = 576;
/** The live files of FFmpeg and others have no tag: 46 ms in front at 24 kHz. */
export const UNTAGGED: Mp3Edges = {
  start: DECODER_DELAY + USUAL_DELAY,
  soundEnd: Infinity,
  end: Infinity,
};

/** As much of a frame as must be there to read its tag: the longest way to the end of LAME's. */
const LOOKED_AT_BYTES = 180;
/** Parts of Xing's tag, each there if its flag is set: frames, bytes, table, quality. */
const PARTS = [
  { flag: 1, bytes: 4 },
  { flag: 2, bytes: 4 },
  { flag: 4, bytes: 100 },
  { flag: 8, bytes: 4 },
] as const;
const DELAYS_IN_LAME_TAG = 21;

/** What the tag in the first frame of an mp3 says. */
interface Mp3Tag {
  readonly edges: Mp3Edges;
  /** How many frames come behind it; 0 where it does not say so. */
  readonly frames: number;
}

/**
 * Hands on all bytes, split where a tag says that an mp3 begins, and what lies around its sound: mp3s
 * may be strung together.
 * @throws NotAudioError in the end, where fewer frames came than a tag says, or not all of the last.
 */
export async function* splitMp3s(
  slices: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<{ bytes: Uint8Array; begins: Mp3Edges | undefined }> {
  const count = createFrameCount();
  let begins: Mp3Edges | undefined;
  let kept: Uint8Array = new Uint8Array();
  // How far the frame or ID3 tag that was looked at last reaches into what is to come.
  let beyond = 0;
  for await (const slice of slices) {
    const all = Buffer.concat([kept, slice]);
    let from = 0;
    let at = beyond;
    while (at + LOOKED_AT_BYTES <= all.byteLength) {
      const here = all.subarray(at, at + LOOKED_AT_BYTES);
      const frame = readHeader(here);
      const tag = frame && readTag(here.subarray(frame.tagOffset), frame.samples);
      if (tag) {
        if (at > from) yield { bytes: all.subarray(from, at), begins };
        [begins, from] = [tag.edges, at];
      }
      count.add(frame, tag);
      at += frame?.bytes ?? Math.max(1, id3Bytes(here));
    }
    const end = Math.min(at, all.byteLength);
    if (end > from) {
      yield { bytes: all.subarray(from, end), begins };
      begins = undefined;
    }
    kept = all.subarray(end);
    beyond = at - end;
  }
  if (kept.byteLength > 0) yield { bytes: kept, begins };
  while (beyond + HEADER_BYTES <= kept.byteLength) {
    const frame = readHeader(kept.subarray(beyond));
    count.add(frame, undefined);
    beyond += frame?.bytes ?? 1;
  }
  if (count.isShort() || (count.isInStep() && beyond > kept.byteLength))
    throw new NotAudioError('an mp3 that breaks off');
}

/** Counts the frames of each mp3 against those its tag names. */
function createFrameCount() {
  let [named, came, inARow] = [0, 0, 0];
  let wasShort = false;
  // Some encoders count the frame that holds the tag.
  const isShort = () => wasShort || came < named - 1;
  return {
    isShort,
    /** What looks like a frame is one: it lies where the frame before it ends. */
    isInStep: () => inARow > 1,
    add(frame: Mp3Frame | undefined, tag: Mp3Tag | undefined) {
      inARow = frame ? inARow + 1 : 0;
      if (tag) [wasShort, named, came] = [isShort(), tag.frames, 0];
      else if (frame) came += 1;
    },
  };
}

/** Undefined for a frame of sound. @param tag where one would begin. */
function readTag(tag: Buffer, frameSamples: number): Mp3Tag | undefined {
  const name = tag.toString('latin1', 0, 4);
  if (name !== 'Xing' && name !== 'Info') return undefined;
  const flags = tag.readUInt32BE(4);
  const lame = PARTS.reduce((at, { flag, bytes }) => at + (flags & flag ? bytes : 0), 8);
  const delays = tag.readUIntBE(lame + DELAYS_IN_LAME_TAG, 3);
  // Twelve bits each; an encoder without LAME's tag leaves them empty.
  const [delay, padding] = [delays >> 12, delays & 0xfff];
  const frames = flags & 1 ? tag.readUInt32BE(8) : 0;
  if (delays === 0 || frames === 0) return { edges: UNTAGGED, frames };
  const end = frames * frameSamples;
  const soundEnd = end - Math.max(0, padding - DECODER_DELAY);
  return { edges: { start: DECODER_DELAY + delay, soundEnd, end }, frames };
}
