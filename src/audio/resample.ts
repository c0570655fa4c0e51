import type { PcmStream } from './pcm.ts';

/** Taps on each side: enough for speech, whose energy lies far below the edge of the filter. */
const HALF_TAPS = 16;

/**
 * Brings sound to a higher rate by band-limited (windowed sinc) interpolation. Only for the rates
 * that Opus does not take: 22.05, 32 and 44.1 kHz.
 */
export function resample({ sampleRate, chunks }: PcmStream, targetRate: number): PcmStream {
  return { sampleRate: targetRate, chunks: interpolate(chunks, sampleRate / targetRate) };
}

async function* interpolate(
  chunks: AsyncIterable<Int16Array>,
  step: number,
): AsyncGenerator<Int16Array> {
  let window: Float32Array = new Float32Array(HALF_TAPS);
  let position = HALF_TAPS;
  const drain = () => {
    const output: number[] = [];
    for (; position + HALF_TAPS < window.length; position += step)
      output.push(sampleAt(window, position));
    const used = Math.floor(position) - HALF_TAPS;
    window = window.slice(used);
    position -= used;
    return Int16Array.from(output);
  };
  for await (const chunk of chunks) {
    window = joined(window, chunk);
    yield drain();
  }
  window = joined(window, new Int16Array(HALF_TAPS + 1));
  yield drain();
}

function joined(window: Float32Array, chunk: Int16Array): Float32Array {
  const all = new Float32Array(window.length + chunk.length);
  all.set(window);
  all.set(chunk, window.length);
  return all;
}

function sampleAt(window: Float32Array, position: number): number {
  const center = Math.floor(position);
  let sum = 0;
  for (let tap = 1 - HALF_TAPS; tap <= HALF_TAPS; tap += 1) {
    const distance = position - center - tap;
    const hann = 0.5 + 0.5 * Math.cos((Math.PI * distance) / HALF_TAPS);
    sum += (window[center + tap] ?? 0) * sinc(distance) * hann;
  }
  return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
