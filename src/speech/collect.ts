import { NotAudioError } from '../audio/not-audio-error.ts';
import { FRAME_MS, joinSamples, type Pcm, type PcmStream } from '../audio/pcm.ts';
import type { Sound } from '../audio/sound.ts';
import { secondsToSay } from '../domain/text.ts';

/** How long the sound of a text may be, in seconds. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Shorter than this is no speech, whatever the text. */
const MIN_SECONDS = 0.2;
/** Nobody is so much faster than people talk: what is shorter was left out. */
const LEAST_SHARE = 0.05;
/** What slow voices take, and the model's whims on top. */
const MOST_TIMES = 3;
const WHIMS_SECONDS = 10;
/** The most bytes a second of mp3 can have: 320 kbit/s. */
const MAX_MP3_BYTES_PER_SECOND = 40_000;

/** Wide: whatever could be speech passes. A speed only widens them, since a model may ignore it. */
export function secondsAllowed(text: string, speed = 1): Bounds {
  // Punctuation may be passed over without a pause.
  const sounding = text.replace(/[^\p{L}\p{N}]/gu, '');
  const least = Math.max(MIN_SECONDS, secondsToSay(sounding) * LEAST_SHARE);
  const most = secondsToSay(text) * MOST_TIMES + WHIMS_SECONDS;
  return { least: least / Math.max(speed, 1), most: most / Math.min(speed, 1) };
}

/**
 * The same sound, ended with a NotAudioError where it is absurdly short or long for its text: a
 * stream may never end.
 */
export function bounded(sound: Sound, bounds: Bounds): Sound {
  if (sound.kind === 'opus')
    return { ...sound, packets: counted(sound.packets, () => FRAME_MS / 1000, bounds) };
  const { sampleRate, chunks } = sound;
  return { ...sound, chunks: counted(chunks, ({ length }) => length / sampleRate, bounds) };
}

async function* counted<T>(
  items: AsyncIterable<T>,
  secondsOf: (item: T) => number,
  bounds: Bounds,
): AsyncGenerator<T> {
  let seconds = 0;
  for await (const item of items) {
    seconds += secondsOf(item);
    if (seconds > bounds.most) throw tooLong();
    yield item;
  }
  checkSeconds(seconds, bounds);
}

/** The same of a whole whose length is known. @throws NotAudioError. */
export function checkSeconds(seconds: number, { least, most }: Bounds): void {
  if (seconds > most) throw tooLong();
  if (seconds < least) throw new NotAudioError('too short for its text');
}

function tooLong(): NotAudioError {
  return new NotAudioError('far too long for its text');
}

/** The whole speech in one piece. */
export async function collectPcm({ sampleRate, chunks }: PcmStream): Promise<Pcm> {
  return { sampleRate, samples: joinSamples(await Array.fromAsync(chunks)) };
}

/** The whole body in one piece. @throws NotAudioError when it is absurdly long. */
export async function collectBytes(
  chunks: AsyncIterable<Uint8Array>,
  { most }: Bounds,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > most * MAX_MP3_BYTES_PER_SECOND) throw tooLong();
    parts.push(chunk);
  }
  return Buffer.concat(parts, length);
}
