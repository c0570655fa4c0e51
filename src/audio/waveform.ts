import type { Pcm } from './pcm.ts';

/** Discord draws at most this many bars. */
const MAX_BARS = 256;
const BARS_A_SECOND = 10;

/** The bars Discord draws for a voice message: loudness from 0 to 255, as base64. */
export function drawWaveform({ sampleRate, samples }: Pcm): string {
  const seconds = samples.length / sampleRate;
  const count = Math.min(MAX_BARS, Math.max(1, Math.round(seconds * BARS_A_SECOND)));
  const bars = Array.from({ length: count }, (_, index) => {
    const start = Math.floor((index * samples.length) / count);
    const end = Math.floor(((index + 1) * samples.length) / count);
    return rms(samples.subarray(start, end));
  });
  const loudest = Math.max(...bars, 1);
  return Buffer.from(bars.map((bar) => Math.round((bar / loudest) * 255))).toString('base64');
}

function rms(samples: Int16Array): number {
  let sum = 0;
  for (const value of samples) sum += value * value;
  return Math.sqrt(sum / Math.max(1, samples.length));
}
