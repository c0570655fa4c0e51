/** How alike two sounds of the same rate are at their best alignment: 1 is identical, 0 unrelated. */
export function likeness(heard: Int16Array, said: Int16Array, maxLag = 4_000): number {
  const length = Math.min(said.length, 48_000);
  const saidEnergy = energyAt(said, 0, length);
  let best = 0;
  for (let lag = 0; lag <= maxLag; lag += 1) {
    let product = 0;
    for (let index = 0; index < length; index += 4)
      product += (heard[lag + index] ?? 0) * (said[index] ?? 0);
    best = Math.max(best, (4 * product) / (energyAt(heard, lag, length) * saidEnergy + 1));
  }
  return best;
}

/** Every second sample: 48 kHz to 24 kHz, good enough for speech. */
export function halfRate(samples: Int16Array): Int16Array {
  return Int16Array.from({ length: samples.length >> 1 }, (_, index) => samples[index * 2] ?? 0);
}

function energyAt(samples: Int16Array, from: number, length: number): number {
  let sum = 0;
  for (let index = 0; index < length; index += 4) sum += (samples[from + index] ?? 0) ** 2;
  return Math.sqrt(sum * 4);
}
