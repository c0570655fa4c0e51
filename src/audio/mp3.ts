import { MPEGDecoder } from 'mpg123-decoder';
import { NotAudioError } from './not-audio-error.ts';
import type { PcmStream } from './pcm.ts';

/** Bytes decoded in one go: about a quarter of a second, a few milliseconds of work. */
const SLICE_BYTES = 2 * 1024;
/** Sound of an mp3 starts within its first frames; this many bytes without any are no mp3. */
const MAX_SILENT_BYTES = 64 * 1024;

/**
 * Decodes an mp3 as it arrives, its first channel.
 * @throws NotAudioError when no sound comes out of it, also while the chunks are read.
 */
export async function openMp3(bytes: AsyncIterable<Uint8Array>): Promise<PcmStream> {
  const decoder = new MPEGDecoder({ enableGapless: false });
  await decoder.ready;
  const pieces = decode(decoder, bytes);
  const first = await pieces.next().catch((error: unknown) => {
    decoder.free();
    throw error;
  });
  if (first.done) {
    decoder.free();
    throw new NotAudioError('an mp3 without sound');
  }
  const { sampleRate, samples } = first.value;
  async function* chunks() {
    try {
      yield samples;
      for await (const piece of pieces) yield piece.samples;
    } finally {
      decoder.free();
    }
  }
  return { sampleRate, chunks: chunks() };
}

async function* decode(decoder: MPEGDecoder, bytes: AsyncIterable<Uint8Array>) {
  let silentBytes = 0;
  for await (const chunk of bytes) {
    for (let offset = 0; offset < chunk.byteLength; offset += SLICE_BYTES) {
      const slice = chunk.subarray(offset, offset + SLICE_BYTES);
      const { channelData, samplesDecoded, sampleRate } = decoder.decode(slice);
      const [left] = channelData;
      if (!left || samplesDecoded === 0) {
        silentBytes += slice.byteLength;
        if (silentBytes > MAX_SILENT_BYTES) throw new NotAudioError('no mp3, though called one');
        continue;
      }
      silentBytes = 0;
      yield { sampleRate, samples: toInt16(left) };
    }
  }
}

function toInt16(floats: Float32Array): Int16Array {
  return Int16Array.from(floats, (value) =>
    Math.max(-32_768, Math.min(32_767, Math.round(value * 32_768))),
  );
}
