/** Far finer than what is tested: 16 times the rate, from 128 samples around. */
const TIMES = 16;
const HALF = 64;

/** How high a sound rises between its samples, in dB over full scale; for peaks above −12 dB. */
export function truePeakDb(samples: Int16Array): number {
  const kernels = Array.from({ length: TIMES }, (_, place) =>
    Float64Array.from({ length: 2 * HALF }, (_, tap) => weight(tap - HALF + 1 - place / TIMES)),
  );
  let peak = 0;
  for (let index = -1; index < samples.length; index += 1) {
    const plain = Math.max(Math.abs(samples[index] ?? 0), Math.abs(samples[index + 1] ?? 0));
    if (plain < 8_192) continue;
    for (const kernel of kernels) {
      let sum = 0;
      for (let tap = 0; tap < 2 * HALF; tap += 1)
        sum += (kernel[tap] ?? 0) * (samples[index - HALF + 1 + tap] ?? 0);
      peak = Math.max(peak, Math.abs(sum));
    }
  }
  return 20 * Math.log10(peak / 32_768);
}

function weight(distance: number): number {
  const sinc = distance === 0 ? 1 : Math.sin(Math.PI * distance) / (Math.PI * distance);
  return sinc * (0.5 + 0.5 * Math.cos((Math.PI * distance) / HALF));
}
