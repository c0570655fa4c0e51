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
    return { ...sound, packets: measured(sound.packets, meterPackets(), bounds, onHeard) };
  const { sampleRate, chunks } = sound;
  return { ...sound, chunks: measured(chunks, meterSamples(sampleRate), bounds, onHeard) };
}

/** Measures what passes; nobody waits for it. */
interface Meter<T> {
  secondsOf(item: T): number;
  note(item: T): void;
  /** Whether so many seconds of what was noted can be heard. */
  isAudible(seconds: number): boolean;
}

function meterSamples(sampleRate: number): Meter<Int16Array> {
  let audible = 0;
  return {
    secondsOf: ({ length }) => length / sampleRate,
    note(samples) {
      audible += countAudible(samples);
    },
    isAudible: (seconds) => audible >= seconds * sampleRate,
  };
}

/** Decodes in the end, and no more than it takes to know. */
function meterPackets(): Meter<Uint8Array> {
  const packets: Uint8Array[] = [];
  return {
    secondsOf: () => FRAME_MS / SECOND_MS,
    note(packet) {
      packets.push(packet);
    },
    isAudible(seconds) {
      const decode = createPacketDecoder({ channels: 1, gain: 0 });
      let audible = 0;
      return packets.some((packet) => {
        audible += countAudible(decode(packet));
        return audible >= seconds * OPUS_RATE;
      });
    },
  };
}

async function* measured<T>(
  items: AsyncIterable<T>,
  meter: Meter<T>,
  bounds: Bounds,
  onHeard: (ms: number) => void,
): AsyncGenerator<T> {
  let seconds = 0;
  for await (const item of items) {
    const more = meter.secondsOf(item);
    seconds += more;
    if (seconds > bounds.most) throw tooLong();
    onHeard(more * SECOND_MS);
    meter.note(item);
    yield item;
  }
  checkSeconds(seconds, bounds);
  if (!meter.isAudible(leastAudible(bounds))) throw new SilenceError();
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
