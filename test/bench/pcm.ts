import type { PcmStream } from '../../src/audio/pcm.ts';

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

function sampleAt(time: number): number {
  const tone = (hertz: number) => Math.sin(2 * Math.PI * hertz * time);
  return Math.round(4000 * (tone(220) + tone(331) + tone(497)) * Math.sin(7 * time));
}
