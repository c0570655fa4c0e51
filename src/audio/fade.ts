import { joinSamples } from './pcm.ts';

/** Long enough that no click is heard, too short to be noticed. */
const FADE_MS = 5;

/**
 * The same sound, its first or its last 5 ms faded, so that pieces can be strung together without a
 * click. The last 5 ms are held back until it is known that they are the last.
 */
export async function* fadeEdges(
  chunks: AsyncIterable<Int16Array>,
  sampleRate: number,
  edges: { in: boolean; out: boolean },
): AsyncGenerator<Int16Array> {
  const length = (sampleRate * FADE_MS) / 1000;
  let faded = edges.in ? 0 : length;
  let held: Int16Array = new Int16Array();
  for await (const chunk of chunks) {
    const all = joinSamples([held, chunk]);
    for (let index = held.length; faded < length && index < all.length; index += 1) {
      scale(all, index, faded / length);
      faded += 1;
    }
    const free = edges.out ? Math.max(0, all.length - length) : all.length;
    held = all.subarray(free);
    if (free > 0) yield all.subarray(0, free);
  }
  for (let index = 0; index < held.length; index += 1)
    scale(held, index, (held.length - 1 - index) / length);
  if (held.length > 0) yield held;
}

function scale(samples: Int16Array, index: number, gain: number): void {
  samples[index] = Math.round((samples[index] ?? 0) * gain);
}
