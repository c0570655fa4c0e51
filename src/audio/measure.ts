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

const FRAME_MS = 20;
/** Quieter than this is silence in any recording; the microphone's own noise is below it. */
const SILENCE_DB = -55;
/** Speech keeps within this of the loudest parts. */
const SPEECH_RANGE_DB = 35;

/** How loud each 20 ms is, in dB below full scale. */
export function frameLevels({ sampleRate, samples }: Pcm): Float64Array {
  const size = (sampleRate * FRAME_MS) / 1000;
  const levels = new Float64Array(Math.floor(samples.length / size));
  for (let frame = 0; frame < levels.length; frame += 1) {
    let sum = 0;
    for (let index = frame * size; index < (frame + 1) * size; index += 1)
      sum += (samples[index] ?? 0) ** 2;
    levels[frame] = 10 * Math.log10(sum / size / 32_768 ** 2 + 1e-12);
  }
  return levels;
}

/** Above which level a frame counts as speech in this recording. */
export function speechThreshold(levels: Float64Array): number {
  return Math.max(SILENCE_DB, percentile(levels, 0.95) - SPEECH_RANGE_DB);
}

/** Loud frames over quiet ones: a rough measure of noise, which silence flatters. */
export function roughSnr(levels: Float64Array): number {
  return percentile(levels, 0.9) - percentile(levels, 0.1);
}

function percentile(levels: Float64Array, share: number): number {
  const sorted = levels.toSorted();
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NEGATIVE_INFINITY;
}
