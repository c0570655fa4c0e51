import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openMp3 } from '../../src/audio/mp3.ts';
import { joinPieces } from '../../src/speech/pieces.ts';
import { ENCODINGS } from '../venice/sound.ts';
import { SAMPLE_RATE } from '../venice/synthesis.ts';
import {
  alike,
  collect,
  createRandom,
  createRecordings,
  cutUp,
  join,
  type Recordings,
  stream,
} from './recordings.ts';

let recordings: Recordings;
beforeAll(async () => {
  recordings = await createRecordings();
});
afterAll(() => recordings[Symbol.asyncDispose]());

const TAGGED = ENCODINGS['mp3']?.args ?? [];
/** As FFmpeg writes it into a pipe. */
const UNTAGGED = [...TAGGED, '-write_xing', '0', '-id3v2_version', '0'];
const PEAK = 10_000;
/** What encoders put behind a sound without a tag: at most what is left of a frame, and one more. */
const UNKNOWN_END = 1152;

/** Louder than a tenth of its peak in any 2 ms. */
const tone = (samples: number) =>
  Int16Array.from({ length: samples }, (_, at) => Math.round(PEAK * Math.sin(at * 0.11)));

async function read(mp3s: readonly Uint8Array[], maxBytes = 3000): Promise<Int16Array> {
  const pieces = cutUp(Buffer.concat(mp3s), createRandom(31), maxBytes);
  return await collect(await openMp3(stream(pieces)));
}

/** The longest time without sound, in ms. */
function longestGap(samples: Int16Array): number {
  let [longest, since] = [0, 0];
  for (const sample of samples) {
    since = Math.abs(sample) > PEAK / 10 ? 0 : since + 1;
    longest = Math.max(longest, since);
  }
  return (longest * 1000) / SAMPLE_RATE;
}

describe('openMp3', () => {
  test.each([12_000, 24_000, 30_001])(
    'gives the %i samples that were encoded, and nothing around them',
    async (length) => {
      const sound = tone(length);
      const mp3 = await recordings.encode(sound, TAGGED);
      for (const maxBytes of [30, 3000, mp3.byteLength]) {
        const heard = await read([mp3], maxBytes);
        expect(heard).toHaveLength(length);
        expect(alike(heard, sound)).toBeGreaterThan(0.99);
        expect(longestGap(heard)).toBeLessThan(3);
      }
    },
  );

  test('one without a tag begins with its sound', async () => {
    const heard = await read([await recordings.encode(tone(24_000), UNTAGGED)]);
    expect(longestGap(heard.subarray(0, 24_000))).toBeLessThan(3);
    expect(heard.length).toBeGreaterThanOrEqual(24_000);
    expect(heard.length).toBeLessThan(24_000 + UNKNOWN_END);
  });

  test('also at another rate, in stereo', async () => {
    const args = ['-ar', '44100', '-ac', '2', '-b:a', '128k', '-f', 'mp3'];
    expect(await read([await recordings.encode(tone(24_000), args)])).toHaveLength(44_100);
  });

  test.each([
    ['each with a tag', TAGGED, TAGGED],
    ['of which the second has none', TAGGED, UNTAGGED],
    ['of which the first has none', UNTAGGED, TAGGED],
  ])('reads all of mp3s that are strung together, %s', async (_, one, other) => {
    const talk = recordings.talk(2);
    const heard = await read([
      await recordings.encode(talk, one),
      await recordings.encode(talk, other),
    ]);
    const around = one === other ? 0 : 2 * UNKNOWN_END + 1105;
    expect(heard.length).toBeGreaterThanOrEqual(2 * talk.length);
    expect(heard.length).toBeLessThanOrEqual(2 * talk.length + around);
    expect(alike(heard.slice(0, talk.length), talk)).toBeGreaterThan(0.95);
    expect(alike(heard.slice(talk.length), talk)).toBeGreaterThan(0.95);
  });

  test.each(['c0=c0|c1=0*c0', 'c0=0*c0|c1=c0'])(
    'of two channels one of which is silent, it gives the other: %s',
    async (pan) => {
      const talk = recordings.talk(2);
      const args = ['-af', `pan=stereo|${pan}`, '-c:a', 'libmp3lame', '-b:a', '128k', '-f', 'mp3'];
      const heard = await read([await recordings.encode(talk, args)]);
      const power = (samples: Int16Array) =>
        samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
      expect(alike(heard, talk)).toBeGreaterThan(0.97);
      expect(power(heard) / power(talk)).toBeGreaterThan(0.8);
    },
  );

  test.each([
    ['with a tag, anywhere', TAGGED, 191],
    ['without one, in the middle of a frame', UNTAGGED, 192],
  ])('one that breaks off says so, and gives what is there: %s', async (_, args, step) => {
    const mp3 = await recordings.encode(recordings.talk(1), args);
    const whole = await read([mp3]);
    for (let end = mp3.byteLength - 420; end > 1000; end -= step) {
      const heard: Int16Array[] = [];
      const reading = (async () => {
        const { chunks } = await openMp3(stream([mp3.subarray(0, end)]));
        for await (const chunk of chunks) heard.push(chunk);
      })();
      await expect(reading, `cut at ${end}`).rejects.toThrow('breaks off');
      const samples = join(...heard);
      expect(samples).toEqual(whole.slice(0, samples.length));
    }
  });

  test('a line in pieces goes on without a gap', async () => {
    const pieces = [tone(20_000), tone(30_001), tone(25_000)];
    const mp3s = await Promise.all(pieces.map((piece) => recordings.encode(piece, TAGGED)));
    const sound = await joinPieces(
      ['0', '1', '2'],
      async (piece) => ({
        kind: 'pcm',
        ...(await openMp3(stream([mp3s[Number(piece)] ?? new Uint8Array()]))),
      }),
      { signal: new AbortController().signal, clock: Date.now, live: { isHeard: () => true } },
    );
    if (sound.kind !== 'pcm') throw new Error('It came as packets');
    const heard = await collect(sound);
    expect(heard).toHaveLength(75_001);
    expect(longestGap(heard)).toBeLessThan(3);
    expect(alike(heard, join(...pieces))).toBeGreaterThan(0.99);
  });
});
