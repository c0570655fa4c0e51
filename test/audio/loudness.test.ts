import { describe, expect, test } from 'vitest';
import { amplify } from '../../src/audio/amplify.ts';
import { createLoudnessMeter } from '../../src/audio/loudness.ts';
import type { PcmStream } from '../../src/audio/pcm.ts';

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
});
