/** Quieter than this (-50 dB) nobody hears a word, however much it is amplified here. */
const LEAST_PEAK = 104;

/** How many of the samples are loud enough to be part of a word. */
export function countAudible(samples: Int16Array): number {
  let count = 0;
  for (const sample of samples) if (sample > LEAST_PEAK || sample < -LEAST_PEAK) count += 1;
  return count;
}
