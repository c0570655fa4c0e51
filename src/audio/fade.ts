import { joinSamples } from './pcm.ts';

/** Long enough that no click is heard, too short to be noticed. */
const FADE_MS = 5;

/** Stands where a sound broke off and another goes on in its place. */
export const BREAK = Symbol('break');

/**
 * The same sound, its first or its last 5 ms faded, so that pieces can be strung together without a
 * click; both sides of a break are, and the end where it fails. The last 5 ms are held back, since
 * nobody knows beforehand where it will.
 */
export async function* fadeEdges(
  chunks: AsyncIterable<Int16Array | typeof BREAK>,
  sampleRate: number,
  edges: { in: boolean; out: boolean },
): AsyncGenerator<Int16Array> {
  const length = (sampleRate * FADE_MS) / 1000;
  let faded = edges.in ? 0 : length;
  let held: Int16Array = new Int16Array();
  try {
    for await (const chunk of chunks) {
      if (chunk === BREAK) {
        if (held.length > 0) yield fadeOut(held, length);
        held = new Int16Array();
        faded = 0;
        continue;
      }
      const all = joinSamples([held, chunk]);
      for (let index = held.length; faded < length && index < all.length; index += 1) {
        scale(all, index, faded / length);
        faded += 1;
      }
      const free = Math.max(0, all.length - length);
      held = all.subarray(free);
      if (free > 0) yield all.subarray(0, free);
    }
  } catch (error) {
    if (held.length > 0) yield fadeOut(held, length);
    throw error;
  }
  if (held.length > 0) yield edges.out ? fadeOut(held, length) : held;
}

function fadeOut(samples: Int16Array, length: number): Int16Array {
  for (let index = 0; index < samples.length; index += 1)
    scale(samples, index, (samples.length - 1 - index) / length);
  return samples;
}

function scale(samples: Int16Array, index: number, gain: number): void {
  samples[index] = Math.round((samples[index] ?? 0) * gain);
}
