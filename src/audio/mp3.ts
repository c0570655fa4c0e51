import { setImmediate as yieldToLoop } from 'node:timers/promises';
import { MPEGDecoder } from 'mpg123-decoder';
import { type Mp3Edges, splitMp3s, UNTAGGED } from './mp3-edges.ts';
import { NotAudioError } from './not-audio-error.ts';
import { openPcm } from './open-pcm.ts';
import { type Pcm, type PcmStream, toInt16 } from './pcm.ts';
import { createSidePicker } from './sides.ts';

/** Bytes decoded in one go: about a quarter of a second, a few milliseconds of work. */
const SLICE_BYTES = 2 * 1024;
/** Sound of an mp3 starts within its first frames; this many bytes without any are no mp3. */
const MAX_SILENT_BYTES = 64 * 1024;

/**
 * Decodes an mp3 as it arrives, one of its channels, without the silence that encoding puts around it.
 * @throws NotAudioError when no sound comes out of it, also while the chunks are read, and in the end
 * where it breaks off.
 */
export function openMp3(bytes: Bytes): Promise<PcmStream> {
  return openPcm(readMp3(bytes));
}

/** Looks through the frames alone. @throws NotAudioError where it breaks off. */
export async function checkWholeMp3(mp3: Uint8Array): Promise<void> {
  for await (const _ of splitMp3s([mp3]));
}

/** As they arrive, or all at once. */
type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

async function* readMp3(bytes: Bytes): AsyncGenerator<Pcm> {
  const pick = createSidePicker();
  let mp3: { decoder: MPEGDecoder; edges: Mp3Edges; decoded: number } | undefined;
  let silentBytes = 0;
  try {
    for await (const { bytes: piece, begins } of splitMp3s(sliced(bytes))) {
      if (begins && mp3 && mp3.decoded > 0) {
        mp3.decoder.free();
        mp3 = undefined;
      }
      mp3 ??= { decoder: await createDecoder(), edges: UNTAGGED, decoded: 0 };
      mp3.edges = begins ?? mp3.edges;
      const { channelData, samplesDecoded, sampleRate } = mp3.decoder.decode(piece);
      const samples = pick(channelData.map(inSixteenBits));
      const sounds = withoutEdges(samples, mp3.decoded, mp3.edges);
      mp3.decoded += samplesDecoded;
      silentBytes = sounds.length > 0 ? 0 : silentBytes + piece.byteLength;
      if (silentBytes > MAX_SILENT_BYTES) throw new NotAudioError('no mp3, though called one');
      for (const sound of sounds) yield { sampleRate, samples: sound };
    }
  } finally {
    mp3?.decoder.free();
  }
}

/** Not gapless: the length in the tag would also end what is strung behind without one. */
async function createDecoder(): Promise<MPEGDecoder> {
  const decoder = new MPEGDecoder({ enableGapless: false });
  await decoder.ready;
  return decoder;
}

/** @param at where in its mp3 the decoded sound begins. */
function withoutEdges(decoded: Int16Array, at: number, edges: Mp3Edges): Int16Array[] {
  const indexOf = (place: number) => Math.max(0, place - at);
  return [
    decoded.subarray(indexOf(edges.start), indexOf(edges.soundEnd)),
    decoded.subarray(indexOf(edges.end)),
  ].filter(({ length }) => length > 0);
}

/** With a turn for everybody else between two slices: all of an mp3 may be there at once. */
async function* sliced(bytes: Bytes): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes)
    for (let offset = 0; offset < chunk.byteLength; offset += SLICE_BYTES) {
      if (offset > 0) await yieldToLoop();
      yield chunk.subarray(offset, offset + SLICE_BYTES);
    }
}

function inSixteenBits(floats: Float32Array): Int16Array {
  const samples = new Int16Array(floats.length);
  for (let index = 0; index < floats.length; index += 1)
    samples[index] = toInt16(floats[index] ?? 0);
  return samples;
}
