import { setImmediate as yieldToLoop } from 'node:timers/promises';
import { MPEGDecoder } from 'mpg123-decoder';
import { NotAudioError } from './not-audio-error.ts';
import { openPcm } from './open-pcm.ts';
import type { Pcm, PcmStream } from './pcm.ts';

/** Bytes decoded in one go: about a quarter of a second, a few milliseconds of work. */
const SLICE_BYTES = 2 * 1024;
/** Sound of an mp3 starts within its first frames; this many bytes without any are no mp3. */
const MAX_SILENT_BYTES = 64 * 1024;

/**
 * Decodes an mp3 as it arrives, its first channel.
 * @throws NotAudioError when no sound comes out of it, also while the chunks are read.
 */
export function openMp3(bytes: AsyncIterable<Uint8Array>): Promise<PcmStream> {
  return openPcm(readMp3(bytes));
}

async function* readMp3(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Pcm> {
  // Not gapless: where files are strung together, the first one's length would end them all.
  const decoder = new MPEGDecoder({ enableGapless: false });
  await decoder.ready;
  try {
    let silentBytes = 0;
    for await (const slice of sliced(bytes)) {
      const { channelData, samplesDecoded, sampleRate } = decoder.decode(slice);
      const [left] = channelData;
      silentBytes = samplesDecoded > 0 ? 0 : silentBytes + slice.byteLength;
      if (silentBytes > MAX_SILENT_BYTES) throw new NotAudioError('no mp3, though called one');
      if (left && samplesDecoded > 0) yield { sampleRate, samples: toInt16(left) };
    }
  } finally {
    decoder.free();
  }
}

/** With a turn for everybody else between two slices: all of an mp3 may be there at once. */
async function* sliced(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes)
    for (let offset = 0; offset < chunk.byteLength; offset += SLICE_BYTES) {
      if (offset > 0) await yieldToLoop();
      yield chunk.subarray(offset, offset + SLICE_BYTES);
    }
}

function toInt16(floats: Float32Array): Int16Array {
  const samples = new Int16Array(floats.length);
  for (let index = 0; index < floats.length; index += 1) {
    const value = Math.round((floats[index] ?? 0) * 32_768);
    samples[index] = Math.max(-32_768, Math.min(32_767, value));
  }
  return samples;
}
