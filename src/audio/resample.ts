import type { PcmStream } from './pcm.ts';

/** Taps on each side: enough for speech, whose energy lies far below the edge of the filter. */
const HALF_TAPS = 16;
/** Samples taken in one go: under a millisecond of work, so that a long chunk stalls nobody. */
const SLICE = 1024;

/**
 * Brings sound to another rate by band-limited (windowed sinc) interpolation, as it arrives, without
 * delay. For the rates that Opus does not take: 22.05, 32 and 44.1 kHz, and those above 48.
 */
export function resample({ sampleRate, chunks }: PcmStream, targetRate: number): PcmStream {
  return { sampleRate: targetRate, chunks: interpolate(chunks, sampleRate, targetRate) };
}

async function* interpolate(
  chunks: AsyncIterable<Int16Array>,
  sourceRate: number,
  targetRate: number,
): AsyncGenerator<Int16Array> {
  const divisor = gcd(sourceRate, targetRate);
  const [step, phases] = [sourceRate / divisor, targetRate / divisor];
  const cutoff = Math.min(1, targetRate / sourceRate);
  const half = Math.ceil(HALF_TAPS / cutoff);
  const kernels: Float32Array[] = [];
  let window: Int16Array = new Int16Array(half);
  // Where the next sample lies in the window, in steps of one phase.
  let position = half * phases;
  const drain = () => {
    const count = Math.max(0, Math.ceil(((window.length - half) * phases - position) / step));
    const output = new Int16Array(count);
    for (let index = 0; index < count; index += 1, position += step) {
      const phase = position % phases;
      kernels[phase] ??= makeKernel(phase / phases, half, cutoff);
      output[index] = convolve(window, Math.floor(position / phases) - half + 1, kernels[phase]);
    }
    const used = Math.max(0, Math.floor(position / phases) - half);
    window = window.subarray(used);
    position -= used * phases;
    return output;
  };
  for await (const slice of sliced(chunks)) {
    window = joined(window, slice);
    yield drain();
  }
  window = joined(window, new Int16Array(half));
  yield drain();
}

/** What the neighbours of a place between two samples weigh, on both sides. */
function makeKernel(place: number, half: number, cutoff: number): Float32Array {
  return Float32Array.from({ length: 2 * half }, (_, tap) => {
    const distance = tap - half + 1 - place;
    const hann = 0.5 + 0.5 * Math.cos((Math.PI * distance) / half);
    return cutoff * sinc(distance * cutoff) * hann;
  });
}

function convolve(window: Int16Array, start: number, kernel: Float32Array): number {
  let sum = 0;
  for (let tap = 0; tap < kernel.length; tap += 1)
    sum += (kernel[tap] ?? 0) * (window[start + tap] ?? 0);
  return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
}

async function* sliced(chunks: AsyncIterable<Int16Array>): AsyncGenerator<Int16Array> {
  for await (const chunk of chunks)
    for (let offset = 0; offset < chunk.length; offset += SLICE)
      yield chunk.subarray(offset, offset + SLICE);
}

function joined(window: Int16Array, chunk: Int16Array): Int16Array {
  const all = new Int16Array(window.length + chunk.length);
  all.set(window);
  all.set(chunk, window.length);
  return all;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
