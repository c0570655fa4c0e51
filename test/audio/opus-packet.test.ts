import { Decoder } from '@evan/opus';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NotAudioError } from '../../src/audio/not-audio-error.ts';
import { packOpus, parseOpus } from '../../src/audio/opus-packet.ts';
import { encodeFrames } from './ogg-file.ts';
import { noise } from './recordings.ts';

const HYBRID = 14 << 3;
const CELT_10 = 30 << 3;
const CELT_20 = 31 << 3;
const of = (...bytes: readonly number[]) => Uint8Array.from(bytes);

describe('parseOpus', () => {
  test('every configuration says its mode and the length of its frames', () => {
    const said = Array.from({ length: 32 }, (_, config) => parseOpus(of(config << 3, 1)));
    expect(said.map(({ frameSamples }) => frameSamples / 48)).toEqual([
      ...[10, 20, 40, 60, 10, 20, 40, 60, 10, 20, 40, 60],
      ...[10, 20, 10, 20],
      ...[2.5, 5, 10, 20, 2.5, 5, 10, 20, 2.5, 5, 10, 20, 2.5, 5, 10, 20],
    ]);
    expect(said.map(({ mode }) => mode)).toEqual([
      ...Array<string>(12).fill('silk'),
      ...Array<string>(4).fill('hybrid'),
      ...Array<string>(16).fill('celt'),
    ]);
  });

  test.each<readonly [string, Uint8Array, readonly (readonly number[])[]]>([
    ['one frame', of(CELT_20, 1, 2, 3), [[1, 2, 3]]],
    ['one frame of nothing', of(CELT_20), [[]]],
    [
      'two equal ones',
      of(CELT_20 | 1, 1, 2, 3, 4),
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ['two different ones', of(CELT_20 | 2, 1, 9, 2, 3), [[9], [2, 3]]],
    ['three equal ones', of(CELT_20 | 3, 3, 1, 2, 3), [[1], [2], [3]]],
    ['three different ones', of(CELT_20 | 3, 0x83, 1, 0, 7, 8, 9), [[7], [], [8, 9]]],
    ['padded ones', of(CELT_20 | 3, 0x42, 2, 5, 6, 0, 0), [[5], [6]]],
    [
      'ones padded with 256 bytes',
      of(CELT_20 | 3, 0x41, 255, 2, 5, ...Array<number>(256).fill(0)),
      [[5]],
    ],
  ])('finds %s', (_, bytes, frames) => {
    const found = parseOpus(bytes).frames.map((frame) => [...frame]);
    expect(found).toEqual(frames);
  });

  test('lengths of two bytes are read and written', () => {
    for (const length of [251, 252, 253, 255, 256, 1000, 1275]) {
      const frames = [new Uint8Array(length).fill(1), of(2)];
      expect(parseOpus(packOpus(HYBRID, frames)).frames).toEqual(frames.map((f) => Buffer.from(f)));
    }
  });

  test.each<readonly [string, Uint8Array]>([
    ['nothing', of()],
    ['two equal frames of odd bytes', of(CELT_20 | 1, 1, 2, 3)],
    ['two frames without a length', of(CELT_20 | 2)],
    ['two frames with half a length', of(CELT_20 | 2, 252)],
    ['a first frame beyond the end', of(CELT_20 | 2, 3, 1, 2)],
    ['many frames without a number', of(CELT_20 | 3)],
    ['many frames that are none', of(CELT_20 | 3, 0)],
    ['more than 120 ms', of(CELT_20 | 3, 7, ...Array<number>(7).fill(1))],
    ['many equal frames that do not come out even', of(CELT_20 | 3, 3, 1, 2)],
    ['padding beyond the end', of(CELT_20 | 3, 0x41, 9, 1)],
    ['padding without an end', of(CELT_20 | 3, 0x41, 255)],
    ['lengths beyond the end', of(CELT_20 | 3, 0x83, 1)],
    ['a frame too large for any rate', new Uint8Array(1277).fill(CELT_20, 0, 1)],
  ])('refuses %s', (_, bytes) => {
    expect(() => parseOpus(bytes)).toThrow(NotAudioError);
  });

  test('whatever the bytes, what it takes the decoder decodes to that length, or it is refused', () => {
    const decoder = new Decoder({ channels: 1, sample_rate: 48_000 });
    const packet = fc
      .tuple(fc.nat(255), fc.nat(255), fc.uint8Array({ maxLength: 300 }))
      .map(([toc, second, rest]) => of(toc, second, ...rest));
    fc.assert(
      fc.property(fc.oneof(packet, fc.uint8Array({ minLength: 1, maxLength: 4 })), (bytes) => {
        let samples: number | undefined;
        try {
          const { frames, frameSamples } = parseOpus(bytes);
          samples = frames.length * frameSamples;
        } catch (error) {
          expect(error).toBeInstanceOf(NotAudioError);
        }
        if (samples === undefined) expect(() => decoder.decode(bytes)).toThrow('InvalidPacket');
        else expect(decoder.decode(bytes).byteLength).toBe(samples * 2);
      }),
      { numRuns: 500 },
    );
  });
});

test('any frames come out of a packet as they went into it', () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 600 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(frames, (wanted) => {
      const { config, frames: found } = parseOpus(packOpus(CELT_10, wanted));
      expect(config).toBe(CELT_10);
      expect(found.map((frame) => [...frame])).toEqual(wanted.map((frame) => [...frame]));
    }),
    { numRuns: 200 },
  );
});

test('two packets of 10 ms as one sound, bit by bit, as the two do', () => {
  const [one, two] = encodeFrames(noise(1, 8000), { frame: 480, bitrate: 64_000 }).map(parseOpus);
  if (!one || !two) throw new Error('Nothing was encoded');
  const alone = new Decoder({ channels: 1, sample_rate: 48_000 });
  const apart = [one, two].flatMap(({ bytes }) => [...alone.decode(bytes)]);
  const joined = packOpus(one.config, [...one.frames, ...two.frames]);
  const decoder = new Decoder({ channels: 1, sample_rate: 48_000 });
  expect([...decoder.decode(joined)]).toEqual(apart);
});
