import { describe, expect, test } from 'vitest';
import { drawWaveform } from '../../src/audio/waveform.ts';
import { SAMPLE_RATE } from '../venice/synthesis.ts';
import { join, noise, silence } from './recordings.ts';

const barsOf = (samples: Int16Array) => [
  ...Buffer.from(drawWaveform({ sampleRate: SAMPLE_RATE, samples }), 'base64'),
];

describe('drawWaveform', () => {
  test('ten bars a second, at least one, at most 256', () => {
    expect(barsOf(noise(1, 100))).toHaveLength(10);
    expect(barsOf(new Int16Array(5))).toHaveLength(1);
    expect(barsOf(new Int16Array(0))).toEqual([0]);
    expect(barsOf(noise(60, 100))).toHaveLength(256);
  });

  test('the loudest bar is full, half as loud is half as high, silence is flat', () => {
    const bars = barsOf(join(silence(1), noise(1, 10_000), noise(1, 20_000)));
    expect(bars.slice(0, 10)).toEqual(Array(10).fill(0));
    expect(Math.max(...bars)).toBe(255);
    for (const bar of bars.slice(10, 20)) expect(Math.abs(bar - 127)).toBeLessThan(8);
    for (const bar of bars.slice(20)) expect(bar).toBeGreaterThan(245);
  });
});
