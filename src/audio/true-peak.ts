/**
 * Taps on each side of the place between two samples, twice what ITU-R BS.1770 has (annex 2): with
 * those, noise of all frequencies still rose a decibel higher.
 */
const HALF_TAPS = 12;
/** Four times the rate: three places between two samples. */
const PLACES = [1 / 4, 1 / 2, 3 / 4] as const;

/** How many samples must be there before the one that is asked about, and behind it. */
export const TAPS_BEFORE = HALF_TAPS - 1;
export const TAPS_BEHIND = HALF_TAPS;

const KERNELS = PLACES.map(makeKernel);

/** How high the wave rises from this sample on, before the next. */
export function truePeak(samples: Int16Array, index: number): number {
  const here = samples[index] ?? 0;
  const next = samples[index + 1] ?? 0;
  const slopeBefore = here - (samples[index - 1] ?? 0);
  const slopeBehind = (samples[index + 2] ?? 0) - next;
  let peak = Math.abs(here);
  // Where the wave does not turn, its samples are the highest of it.
  if (slopeBefore * slopeBehind > 0) return peak;
  for (const kernel of KERNELS) {
    let sum = 0;
    for (let tap = 0; tap < 2 * HALF_TAPS; tap += 1)
      sum += (kernel[tap] ?? 0) * (samples[index - TAPS_BEFORE + tap] ?? 0);
    peak = Math.max(peak, Math.abs(sum));
  }
  return peak;
}

/** What the samples around weigh at a place after the sample: a sinc in Hann's window. */
function makeKernel(place: number): Float64Array {
  return Float64Array.from({ length: 2 * HALF_TAPS }, (_, tap) => {
    const distance = Math.PI * (tap - TAPS_BEFORE - place);
    return (Math.sin(distance) / distance) * (0.5 + 0.5 * Math.cos(distance / HALF_TAPS));
  });
}
