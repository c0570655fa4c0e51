import { NotAudioError } from '../audio/not-audio-error.ts';
import { FRAME_MS, joinSamples, type Pcm, type PcmStream } from '../audio/pcm.ts';
import type { Sound } from '../audio/sound.ts';
import { countCodePoints } from '../domain/text.ts';

/** Shorter than this is no speech, whatever the text. */
const MIN_SECONDS = 0.2;
/** The most bytes a second of mp3 can have: 320 kbit/s. */
const MAX_MP3_BYTES_PER_SECOND = 40_000;

/** How long a text may take at most: five characters a second, and ten seconds for the model's whims. */
export function secondsAllowed({ speed }: { speed: number | undefined }, text: string): number {
  return (countCodePoints(text) / 5 + 10) / Math.min(speed ?? 1, 1);
}

/**
 * The same sound, ended with a NotAudioError where it is absurdly short or long for its text: a
 * stream may never end.
 */
export function bounded(sound: Sound, maxSeconds: number): Sound {
  if (sound.kind === 'opus')
    return { ...sound, packets: counted(sound.packets, () => FRAME_MS / 1000, maxSeconds) };
  const { sampleRate, chunks } = sound;
  return { ...sound, chunks: counted(chunks, ({ length }) => length / sampleRate, maxSeconds) };
}

async function* counted<T>(
  items: AsyncIterable<T>,
  secondsOf: (item: T) => number,
  maxSeconds: number,
): AsyncGenerator<T> {
  let seconds = 0;
  for await (const item of items) {
    seconds += secondsOf(item);
    if (seconds > maxSeconds) throw new NotAudioError('far too long for its text');
    yield item;
  }
  if (seconds < MIN_SECONDS) throw new NotAudioError('too short to be speech');
}

/** The whole speech in one piece. */
export async function collectPcm({ sampleRate, chunks }: PcmStream): Promise<Pcm> {
  return { sampleRate, samples: joinSamples(await Array.fromAsync(chunks)) };
}

/** The whole body in one piece. @throws NotAudioError when it is absurdly long. */
export async function collectBytes(
  chunks: AsyncIterable<Uint8Array>,
  maxSeconds: number,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > maxSeconds * MAX_MP3_BYTES_PER_SECOND)
      throw new NotAudioError('far too long for its text');
    parts.push(chunk);
  }
  return Buffer.concat(parts, length);
}
