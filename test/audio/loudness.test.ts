import { describe, expect, test } from 'vitest';
import { amplify } from '../../src/audio/amplify.ts';
import { createLoudnessMeter } from '../../src/audio/loudness.ts';
import type { PcmStream } from '../../src/audio/pcm.ts';
import { noise } from './recordings.ts';
import { truePeakDb } from './true-peak.ts';

const RATES = [16_000, 24_000, 48_000];

function sine(sampleRate: number, db: number, seconds = 2, hertz = 997): Int16Array {
  const amplitude = 32_767 * 10 ** (db / 20);
  return Int16Array.from({ length: sampleRate * seconds }, (_, index) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hertz * index) / sampleRate)),
  );
}

function measure(samples: Int16Array, sampleRate: number): number | undefined {
  const meter = createLoudnessMeter(sampleRate);
  for (let at = 0; at < samples.length; at += 777) meter.add(samples.subarray(at, at + 777));
  return meter.read();
}

async function amplified(samples: Int16Array, gain: number, sampleRate = 24_000) {
  async function* chunks() {
    for (let at = 0; at < samples.length; at += 777) yield samples.slice(at, at + 777);
  }
  const stream: PcmStream = amplify({ sampleRate, chunks: chunks() }, gain);
  return Int16Array.from((await Array.fromAsync(stream.chunks)).flatMap((chunk) => [...chunk]));
}

describe('the loudness meter', () => {
  test.each(RATES)('a sine of full scale is -3.01 LUFS at %i Hz, as the standard says', (rate) => {
    expect(measure(sine(rate, 0), rate)).toBeCloseTo(-3.01, 1);
    expect(measure(sine(rate, -20), rate)).toBeCloseTo(-23.01, 1);
  });

  test('pauses do not count, and low rumble hardly does', () => {
    const speech = sine(24_000, -10);
    const withPause = new Int16Array(speech.length * 2);
    withPause.set(speech);
    expect(measure(withPause, 24_000)).toBeCloseTo(-13.01, 0);
    expect(measure(sine(24_000, -10, 2, 20), 24_000)).toBeLessThan(-25);
  });

  test('silence and a click have no loudness', () => {
    expect(measure(new Int16Array(48_000), 24_000)).toBeUndefined();
    expect(measure(sine(24_000, 0, 0.2), 24_000)).toBeUndefined();
  });
});

describe('amplify', () => {
  test('changes nothing but the level, to the last sample', async () => {
    const samples = sine(24_000, -30, 0.511);
    const louder = await amplified(samples, 4);
    expect(louder).toHaveLength(samples.length);
    for (const [index, sample] of louder.entries())
      expect(Math.abs(sample - 4 * (samples[index] ?? 0))).toBeLessThanOrEqual(1);
  });

  test('holds peaks down, and lets the rest come back', async () => {
    const samples = sine(24_000, -20, 2);
    samples.set(sine(24_000, 0, 0.1), 24_000);
    const louder = await amplified(samples, 4);
    const ceiling = 32_768 * 10 ** (-1 / 20);
    expect(Math.max(...louder.map(Math.abs))).toBeLessThan(ceiling);
    // Before the peak and well after it the gain is whole.
    const loudestIn = (from: number, to: number) =>
      Math.max(...louder.subarray(from, to).map(Math.abs));
    const whole = 4 * 32_767 * 10 ** (-20 / 20);
    expect(loudestIn(12_000, 20_000)).toBeCloseTo(whole, -2);
    expect(loudestIn(44_000, 48_000)).toBeCloseTo(whole, -2);
  });

  test.each([1_000, 3_000, 6_000, 7_900, 10_000])(
    'holds what rises between two samples of %i Hz below −1 dBTP, from its start on',
    async (hertz) => {
      const samples = new Int16Array(24_000);
      // Off its peaks where the rate is a multiple of the tone.
      const late = 24_000 / hertz / 8;
      const burst = (at: number) =>
        Math.round(20_000 * Math.sin(((at + late) * hertz * Math.PI) / 12_000));
      for (let at = 7_001; at < 9_400; at += 1) samples[at] = burst(at);
      expect(truePeakDb(await amplified(samples, 2))).toBeLessThan(-1);
    },
  );

  test('also of noise, but for what hardly anything is heard of', async () => {
    const samples = noise(1, 20_000);
    expect(truePeakDb(samples.map((sample) => sample / 2))).toBeLessThan(0);
    for (const gain of [1, 2, 4])
      expect(truePeakDb(await amplified(samples, gain))).toBeLessThan(0);
    for (const gain of [2, 4])
      expect(truePeakDb(await amplified(softened(samples), gain))).toBeLessThan(-1);
  });

  test('the gain comes down without a jump, also where a peak begins a frame', async () => {
    const samples = sine(24_000, -20, 1, 300);
    samples.fill(30_000, 9_600, 9_700);
    const louder = await amplified(samples, 4);
    const gains = Array.from(louder, (sample, at) => sample / (samples[at] ?? 0));
    for (let at = 9_000; at < 9_690; at += 1) {
      if (Math.abs(samples[at] ?? 0) < 1_000 || Math.abs(samples[at + 1] ?? 0) < 1_000) continue;
      expect(Math.abs((gains[at + 1] ?? 0) - (gains[at] ?? 0))).toBeLessThan(0.2);
    }
  });
});

/** Without the highest frequencies, which speech has hardly any of: each the mean of two. */
function softened(samples: Int16Array): Int16Array {
  return samples.map((sample, at) => (sample + (samples[at + 1] ?? 0)) / 2);
}
