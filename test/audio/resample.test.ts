import { describe, expect, test } from 'vitest';
import { resample } from '../../src/audio/resample.ts';
import { collect, createRandom, stream } from './recordings.ts';

function tone(hertz: number, sampleRate: number, seconds = 1): Int16Array {
  return Int16Array.from({ length: sampleRate * seconds }, (_, at) =>
    Math.round(10_000 * Math.sin((2 * Math.PI * hertz * at) / sampleRate)),
  );
}

/** How far what is heard is from what should be, in dB below it. */
function distance(heard: Int16Array, ideal: Int16Array): number {
  let [error, power] = [1, 1];
  for (let at = 1000; at < ideal.length - 1000; at += 1) {
    error += ((heard[at] ?? 0) - (ideal[at] ?? 0)) ** 2;
    power += (ideal[at] ?? 0) ** 2;
  }
  return 10 * Math.log10(power / error);
}

describe('resample', () => {
  test.each([22_050, 32_000, 44_100, 96_000])(
    'from %i Hz, what speech is made of stays',
    async (rate) => {
      for (const hertz of [200, 1000, 4000, 7000]) {
        const chunks = stream([tone(hertz, rate)]);
        const heard = await collect(resample({ sampleRate: rate, chunks }, 48_000));
        expect(heard).toHaveLength(48_000);
        expect(distance(heard, tone(hertz, 48_000))).toBeGreaterThan(50);
      }
    },
  );

  test('what the lower rate cannot hold is left out', async () => {
    const chunks = stream([tone(30_000, 96_000)]);
    const heard = await collect(resample({ sampleRate: 96_000, chunks }, 48_000));
    expect(Math.max(...heard.subarray(1000, -1000))).toBeLessThan(100);
  });

  test('how the sound arrives makes no difference', async () => {
    const whole = tone(440, 44_100, 0.5);
    const random = createRandom(41);
    const pieces: Int16Array[] = [];
    for (let offset = 0; offset < whole.length; ) {
      const piece = whole.subarray(offset, offset + Math.floor(random() * 3000));
      pieces.push(piece);
      offset += piece.length;
    }
    const of = (chunks: readonly Int16Array[]) =>
      collect(resample({ sampleRate: 44_100, chunks: stream(chunks) }, 48_000));
    expect(await of(pieces)).toEqual(await of([whole]));
  });
});
