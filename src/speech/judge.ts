import { countAudible } from '../audio/audible.ts';
import { measureMp3 } from '../audio/measure-mp3.ts';
import { checkWholeMp3, openMp3 } from '../audio/mp3.ts';
import { NotAudioError, SilenceError } from '../audio/not-audio-error.ts';
import { createPacketDecoder, OPUS_RATE } from '../audio/opus-decoder.ts';
import { FRAME_MS } from '../audio/pcm.ts';
import type { Sound } from '../audio/sound.ts';
import { secondsToSay } from '../domain/text.ts';
import { SECOND_MS } from '../domain/time.ts';

/** How long the sound of a text may be, in seconds. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Shorter than this is no speech, whatever the text. */
const MIN_SECONDS = 0.2;
/** Nobody is so much faster than people talk: what is shorter was left out. */
const LEAST_SHARE = 0.2;
/** How much of the least must be audible: as good as nothing is where a voice says something. */
const AUDIBLE_SHARE = 0.1;
/** What slow voices take, and the model's whims on top. */
const MOST_TIMES = 3;
const WHIMS_SECONDS = 10;

/** Wide: whatever could be speech passes. A speed only widens them, since a model may ignore it. */
export function secondsAllowed(text: string, speed = 1): Bounds {
  const sounding = text
    // Punctuation may be passed over without a pause.
    .replace(/[^\p{L}\p{N}]/gu, '')
    // A long number, or a word drawn out, may be said in a breath.
    .replace(/\p{N}/gu, 'n')
    .replace(/(\p{L})\1+/gu, '$1');
  const least = Math.max(MIN_SECONDS, secondsToSay(sounding) * LEAST_SHARE);
  const most = secondsToSay(text) * MOST_TIMES + WHIMS_SECONDS;
  return { least: least / Math.max(speed, 1), most: most / Math.min(speed, 1) };
}

/**
 * The same sound, ended with a NotAudioError where it is absurdly short or long for its text, or with
 * a SilenceError: a stream may never end.
 * @param onHeard told how many milliseconds of sound came, as they do.
 */
export function judged(sound: Sound, bounds: Bounds, onHeard: (ms: number) => void): Sound {
  if (sound.kind === 'opus')
    return { ...sound, packets: measured(sound.packets, measurePackets(), bounds, onHeard) };
  const { sampleRate, chunks } = sound;
  return { ...sound, chunks: measured(chunks, measureSamples(sampleRate), bounds, onHeard) };
}

interface Measures<T> {
  secondsOf(item: T): number;
  /** How many of its seconds can be heard; asked of one item after the other. */
  audibleIn(item: T): number;
}

function measureSamples(sampleRate: number): Measures<Int16Array> {
  return {
    secondsOf: ({ length }) => length / sampleRate,
    audibleIn: (samples) => countAudible(samples) / sampleRate,
  };
}

function measurePackets(): Measures<Uint8Array> {
  let decode: ((packet: Uint8Array) => Int16Array) | undefined;
  return {
    secondsOf: () => FRAME_MS / 1000,
    audibleIn(packet) {
      decode ??= createPacketDecoder({ channels: 1, gain: 0 });
      return countAudible(decode(packet)) / OPUS_RATE;
    },
  };
}

async function* measured<T>(
  items: AsyncIterable<T>,
  { secondsOf, audibleIn }: Measures<T>,
  bounds: Bounds,
  onHeard: (ms: number) => void,
): AsyncGenerator<T> {
  const enough = leastAudible(bounds);
  let [seconds, audible] = [0, 0];
  for await (const item of items) {
    seconds += secondsOf(item);
    if (seconds > bounds.most) throw tooLong();
    onHeard(secondsOf(item) * SECOND_MS);
    yield item;
    // Once it is on its way, and no longer than it takes to know.
    if (audible < enough) audible += audibleIn(item);
  }
  checkSeconds(seconds, bounds);
  if (audible < enough) throw new SilenceError();
}

/**
 * The same of an mp3 that is all here, of which only so much is decoded as it takes to know.
 * @throws NotAudioError, SilenceError.
 */
export async function judgeMp3(mp3: Uint8Array, bounds: Bounds): Promise<void> {
  checkSeconds(measureMp3(mp3).seconds, bounds);
  await checkWholeMp3(mp3);
  const { sampleRate, chunks } = await openMp3([mp3]);
  const enough = leastAudible(bounds);
  let audible = 0;
  for await (const samples of chunks) {
    audible += countAudible(samples) / sampleRate;
    if (audible >= enough) return;
  }
  throw new SilenceError();
}

function leastAudible({ least }: Bounds): number {
  return least * AUDIBLE_SHARE;
}

function checkSeconds(seconds: number, { least, most }: Bounds): void {
  if (seconds > most) throw tooLong();
  if (seconds < least) throw new NotAudioError('too short for its text');
}

export function tooLong(): NotAudioError {
  return new NotAudioError('far too long for its text');
}
