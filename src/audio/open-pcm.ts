import { NotAudioError } from './not-audio-error.ts';
import type { Pcm, PcmStream } from './pcm.ts';

/**
 * Waits for the first piece of sound, which says the rate.
 * @throws NotAudioError when there is none, or, while the chunks are read, when the rate changes.
 */
export async function openPcm(pieces: AsyncGenerator<Pcm>): Promise<PcmStream> {
  const first = await pieces.next();
  if (first.done) throw new NotAudioError('a file without sound');
  return { sampleRate: first.value.sampleRate, chunks: samplesOf(first.value, pieces) };
}

async function* samplesOf(first: Pcm, rest: AsyncGenerator<Pcm>): AsyncGenerator<Int16Array> {
  try {
    yield first.samples;
    for await (const { sampleRate, samples } of rest) {
      if (sampleRate !== first.sampleRate) throw new NotAudioError('a file of changing rates');
      yield samples;
    }
  } finally {
    await rest.return(undefined);
  }
}
