import type { Pcm } from './pcm.ts';

/** Where a sample is brought to: loud enough to hear its detail, far enough from clipping. */
const TARGET_LUFS = -20;
const MAX_PEAK = 0.89;

/** Brings a recording to a sane level, in place, without ever clipping it. */
export function levelSample({ samples }: Pcm, loudnessLufs: number): void {
  const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 1) / 32_768;
  const gain = Math.min(10 ** ((TARGET_LUFS - loudnessLufs) / 20), MAX_PEAK / peak);
  for (let index = 0; index < samples.length; index += 1)
    samples[index] = Math.round((samples[index] ?? 0) * gain);
}
