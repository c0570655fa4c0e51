import type { PcmStream } from '../../src/audio/pcm.ts';
import { joinSamples } from '../venice/synthesis.ts';

const RATE = 24_000;
const CHUNK = RATE / 5;

/** So many seconds of a chord, in chunks as a provider sends them. */
export function pcmOf(seconds: number): PcmStream {
  async function* chunks() {
    for (let start = 0; start < seconds * RATE; start += CHUNK)
      yield Int16Array.from({ length: CHUNK }, (_, index) => sampleAt((start + index) / RATE));
  }
  return { sampleRate: RATE, chunks: chunks() };
}

/** The same all at once. */
export async function samplesOf(
  seconds: number,
): Promise<{ sampleRate: number; samples: Int16Array }> {
  const { sampleRate, chunks } = pcmOf(seconds);
  return { sampleRate, samples: joinSamples(await Array.fromAsync(chunks)) };
}

function sampleAt(time: number): number {
  const tone = (hertz: number) => Math.sin(2 * Math.PI * hertz * time);
  return Math.round(4000 * (tone(220) + tone(331) + tone(497)) * Math.sin(7 * time));
}
