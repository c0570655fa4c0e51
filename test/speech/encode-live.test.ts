import { Decoder } from '@evan/opus';
import { expect, test } from 'vitest';
import { encodeLive } from '../../src/speech/encode-live.ts';

const RATE = 24_000;
/** Two and a half frames. */
const LENGTH = 1_200;

test('what came before a failure is encoded to its last sample, then it is thrown', async () => {
  const failure = new Error('The line went dead');
  async function* chunks() {
    yield Int16Array.from({ length: LENGTH }, (_, at) => Math.round(9_000 * Math.sin(at * 0.2)));
    throw failure;
  }
  const decoder = new Decoder({ channels: 1, sample_rate: RATE });
  const levels: number[] = [];
  const listen = async () => {
    for await (const packet of encodeLive({ sampleRate: RATE, chunks: chunks() }, (pcm) => pcm)) {
      const { buffer, byteOffset, byteLength } = decoder.decode(packet);
      const samples = new Int16Array(buffer, byteOffset, byteLength / 2);
      levels.push(Math.max(...samples.map(Math.abs)));
    }
  };
  await expect(listen()).rejects.toBe(failure);
  // The third is half full, the last pushes out what the codec still held.
  expect(levels).toHaveLength(4);
  expect(levels[2]).toBeGreaterThan(8_000);
});

test('leaving it leaves the sound', async () => {
  let isLeft = false;
  async function* chunks() {
    try {
      for (;;) yield new Int16Array(LENGTH);
    } finally {
      isLeft = true;
    }
  }
  for await (const _ of encodeLive({ sampleRate: RATE, chunks: chunks() }, (pcm) => pcm)) break;
  expect(isLeft).toBe(true);
});
