import type { Pcm } from './pcm.ts';

/** What a member can be told about a recording that works but could be better. */
export type Warning =
  | 'short'
  | 'quiet'
  | 'noisy'
  | 'clipped'
  | 'trimmed'
  | 'silences'
  | 'telephone'
  | 'phase';

export interface Measurements {
  /** What is left after trimming. */
  readonly seconds: number;
  readonly originalSeconds: number;
  /** Integrated loudness of the original (EBU R 128). */
  readonly loudnessLufs: number;
  /** Runs of samples stuck at the loudest value. */
  readonly clipRunsPerSecond: number;
  /** The share of 20 ms frames without speech, 0 to 1. */
  readonly silenceShare: number;
  readonly warnings: readonly Warning[];
}

export const FRAMES_A_SECOND = 50;

/** Quieter than this is silence in any recording. */
const SILENCE_DB = -65;
/** Speech keeps within this of its loudest second … */
const SPEECH_RANGE_DB = 35;
/** … and stands out from the noise of the room by this … */
const OVER_NOISE_DB = 6;
/** … where that is noise: what is as loud as this against the speech is speech as well. */
const NOISE_RANGE_DB = 20;

/** How loud each 20 ms is, in dB below full scale. */
export function frameLevels({ sampleRate, samples }: Pcm): Float64Array {
  const size = sampleRate / FRAMES_A_SECOND;
  const levels = new Float64Array(Math.round(samples.length / size));
  for (let frame = 0; frame < levels.length; frame += 1)
    levels[frame] = levelOf(samples.subarray(frame * size, (frame + 1) * size));
  return levels;
}

/** In dB below full scale; -120 for none. */
export function levelOf(samples: Int16Array): number {
  let sum = 0;
  for (const value of samples) sum += value * value;
  return 10 * Math.log10(sum / Math.max(1, samples.length) / 32_768 ** 2 + 1e-12);
}

/** Above which level a frame counts as speech in this recording. */
export function speechThreshold(levels: Float64Array): number {
  const sorted = levels.toSorted();
  const loud = sorted.at(-FRAMES_A_SECOND) ?? sorted.at(-1) ?? SILENCE_DB;
  const noise = percentile(sorted, 0.1);
  return Math.max(
    SILENCE_DB,
    loud - SPEECH_RANGE_DB,
    Math.min(noise + OVER_NOISE_DB, loud - NOISE_RANGE_DB),
  );
}

/** Loud frames over quiet ones: a rough measure of noise, which silence flatters. */
export function roughSnr(levels: Float64Array): number {
  const sorted = levels.toSorted();
  return percentile(sorted, 0.9) - percentile(sorted, 0.1);
}

function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NEGATIVE_INFINITY;
}
