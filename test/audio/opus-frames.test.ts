import { Decoder } from '@evan/opus';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OpusPart, readOggOpus } from '../../src/audio/ogg-opus.ts';
import { toFrames } from '../../src/audio/opus-frames.ts';
import { packOpus, parseOpus } from '../../src/audio/opus-packet.ts';
import { encodeFrames } from './ogg-file.ts';
import { alike, createRecordings, join, type Recordings, stream } from './recordings.ts';

let recordings: Recordings;
let talk: Int16Array;
/** The same at 48 kHz. */
let fine: Int16Array;
beforeAll(async () => {
  recordings = await createRecordings();
  talk = recordings.talk(2.98);
  fine = await recordings.converter.toPcm(await recordings.wav(talk), 48_000);
});
afterAll(() => recordings[Symbol.asyncDispose]());

async function* partsOf(...packets: readonly Uint8Array[]): AsyncGenerator<OpusPart> {
  yield { kind: 'start', channels: 1, preSkip: 312, gain: 0 };
  for (const bytes of packets) {
    const packet = parseOpus(bytes);
    yield { kind: 'packet', packet, samples: lengthOf(bytes) };
  }
}

const frame = (packets: readonly Uint8Array[]) => Array.fromAsync(toFrames(partsOf(...packets)));

/** In samples at 48 kHz. */
function lengthOf(...packets: readonly Uint8Array[]): number {
  return packets.map(parseOpus).reduce((sum, one) => sum + one.frames.length * one.frameSamples, 0);
}

function decode(packets: readonly Uint8Array[]): Int16Array {
  const decoder = new Decoder({ channels: 1, sample_rate: 48_000 });
  return join(...packets.map((packet) => new Int16Array(decoder.decode(packet).buffer)));
}

const hex = (packets: readonly Uint8Array[]) =>
  packets.map((packet) => Buffer.from(packet).toString('hex'));

describe('toFrames', () => {
  test.each<readonly [string, string, readonly string[]]>([
    ['CELT', '2.5', ['-b:a', '64k']],
    ['CELT', '5', ['-b:a', '64k']],
    ['CELT', '10', ['-b:a', '64k']],
    ['CELT', '20', ['-b:a', '64k']],
    ['CELT', '40', ['-b:a', '64k']],
    ['CELT', '60', ['-b:a', '64k']],
    ['CELT, both channels,', '20', ['-b:a', '96k', '-ac', '2']],
    ['hybrid', '10', ['-b:a', '32k', '-application', 'voip']],
    ['hybrid', '20', ['-b:a', '32k', '-application', 'voip']],
    ['hybrid', '40', ['-b:a', '16k']],
    ['SILK', '10', ['-b:a', '16k', '-application', 'voip']],
    ['SILK', '20', ['-b:a', '12k', '-ar', '16000']],
  ])('%s of %s ms is the same sound, bit by bit', async (mode, ms, args) => {
    const codec = ['-c:a', 'libopus', '-frame_duration', ms, ...args, '-f', 'ogg'];
    const file = await recordings.encode(talk, codec);
    const packets = (await Array.fromAsync(readOggOpus(stream([file])))).flatMap((part) =>
      part.kind === 'packet' ? [part.packet] : [],
    );
    expect(packets.every((one) => mode.toLowerCase().startsWith(one.mode))).toBe(true);
    const bytes = packets.map((one) => one.bytes);
    expect(lengthOf(bytes[0] ?? new Uint8Array())).toBe(Number(ms) * 48);
    const frames = await frame(bytes);
    expect(frames.every((one) => lengthOf(one) === 960)).toBe(true);
    expect(frames).toHaveLength(Math.ceil(lengthOf(...bytes) / 960));
    const heard = decode(frames);
    expect(
      Buffer.compare(bytesOf(heard.subarray(0, lengthOf(...bytes))), bytesOf(decode(bytes))),
    ).toBe(0);
    if (ms === '20') expect(hex(frames)).toEqual(hex(bytes));
  });

  test.each([1920, 2880])(
    'SILK frames of %i samples are encoded again, and sound alike',
    async (samples) => {
      const spec = { frame: samples, bitrate: 10_000, application: 'voip' } as const;
      const packets = encodeFrames(fine, spec);
      expect(packets.map(parseOpus).some((one) => one.frameSamples > 960)).toBe(true);
      const frames = await frame(packets);
      expect(frames.every((one) => lengthOf(one) === 960)).toBe(true);
      expect(frames).toHaveLength(lengthOf(...packets) / 960 + 1);
      expect(alike(decode(frames), decode(packets))).toBeGreaterThan(0.97);
    },
  );

  test('what could be split before is left as it is, and the rest follows without a break', async () => {
    const first = encodeFrames(fine.subarray(0, 48_000), { frame: 960, bitrate: 64_000 });
    const rest = { frame: 2880, bitrate: 10_000, application: 'voip' } as const;
    const packets = [...first, ...encodeFrames(fine.subarray(48_000), rest), ...first];
    const frames = await frame(packets);
    expect(hex(frames.slice(0, 50))).toEqual(hex(first));
    expect(frames).toHaveLength(lengthOf(...packets) / 960 + 1);
    const [heard, said] = [decode(frames), decode(packets)].map((sound) => sound.slice(48_000));
    expect(alike(heard ?? fine, said ?? fine)).toBeGreaterThan(0.97);
  });

  test('a last one that is no 20 ms is filled up', async () => {
    const packets = encodeFrames(fine.subarray(0, 480 * 21), { frame: 480, bitrate: 64_000 });
    const frames = await frame(packets);
    expect(frames).toHaveLength(11);
    expect(parseOpus(frames.at(-1) ?? new Uint8Array()).frames[1]).toHaveLength(0);
    const heard = decode(frames);
    expect(bytesOf(heard.subarray(0, 480 * 21))).toEqual(bytesOf(decode(packets)));
  });

  test('a stream that begins anew has nothing to do with the one before', async () => {
    const short = encodeFrames(fine.subarray(0, 480 * 3), { frame: 480, bitrate: 64_000 });
    const whole = encodeFrames(fine.subarray(0, 9600), { frame: 960, bitrate: 64_000 });
    async function* parts() {
      yield* partsOf(...short);
      yield* partsOf(...whole);
    }
    const frames = await Array.fromAsync(toFrames(parts()));
    expect(hex(frames.slice(2))).toEqual(hex(whole));
  });

  test('padding that no datagram holds is left out', async () => {
    const [one = new Uint8Array(0)] = encodeFrames(fine, { frame: 960, bitrate: 64_000 });
    const padding = [...Array<number>(8).fill(255), 0];
    const head = Uint8Array.of((one[0] ?? 0) | 3, 0x41, ...padding);
    const padded = Buffer.concat([head, one.subarray(1), new Uint8Array(8 * 254)]);
    expect(hex(await frame([padded, one]))).toEqual(hex([one, one]));
  });

  test('frames that no datagram holds together are encoded again', async () => {
    const packets = encodeFrames(fine, { frame: 120, bitrate: 510_000 });
    const frames = await frame(packets);
    expect(Math.max(...frames.map(({ byteLength }) => byteLength))).toBeLessThan(1300);
    expect(alike(decode(frames), decode(packets))).toBeGreaterThan(0.97);
  });

  test('any packets in any order keep their length', async () => {
    const kinds = [120, 240, 480, 960, 1920, 2880].flatMap((samples) => [
      encodeFrames(fine.subarray(0, 9600), { frame: samples, bitrate: 64_000 }),
      encodeFrames(fine.subarray(0, 9600), {
        frame: samples,
        bitrate: 12_000,
        application: 'voip',
      }),
    ]);
    const any = fc.constantFrom(...kinds.flat());
    const twice = any.map((packet) => {
      const { config, frames } = parseOpus(packet);
      return packOpus(config, [...frames, ...frames]);
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(any, twice), { maxLength: 12 }), async (packets) => {
        const frames = await frame(packets);
        expect(frames.every((packet) => lengthOf(packet) === 960)).toBe(true);
        const needed = Math.ceil(lengthOf(...packets) / 960);
        expect(frames.length - needed).toBeOneOf([0, 1]);
        expect(decode(frames)).toHaveLength(frames.length * 960);
      }),
      { numRuns: 150 },
    );
  });

  test('a stream that says how loud it is to be is that loud', async () => {
    const packets = encodeFrames(fine.subarray(0, 48_000), { frame: 960, bitrate: 64_000 });
    const quiet = packets.length;
    async function* parts() {
      yield* partsOf(...packets);
      for await (const part of partsOf(...packets))
        yield part.kind === 'start' ? { ...part, gain: -12 * 256 } : part;
    }
    const frames = await Array.fromAsync(toFrames(parts()));
    expect(hex(frames.slice(0, quiet))).toEqual(hex(packets));
    const [whole, soft] = [decode(packets), decode(frames.slice(quiet))];
    expect(alike(soft, whole)).toBeGreaterThan(0.97);
    expect(powerOf(soft) / powerOf(whole)).toBeCloseTo(10 ** (-12 / 10), 2);
  });

  test.each(['c0=c0|c1=0*c0', 'c0=0*c0|c1=c0'])(
    'of two channels one of which is silent, the other is heard on both sides: %s',
    async (pan) => {
      const filter = ['-af', `pan=stereo|${pan}`];
      const args = [...filter, '-c:a', 'libopus', '-b:a', '128k', '-f', 'ogg'];
      const file = await recordings.encode(talk, args);
      const frames = await Array.fromAsync(toFrames(readOggOpus(stream([file]))));
      const heard = decode(frames);
      expect(alike(heard, fine)).toBeGreaterThan(0.97);
      expect(powerOf(heard) / powerOf(fine)).toBeCloseTo(1, 1);
    },
  );

  test.each([960, 2880])(
    'leaving it closes its source, with frames of %i samples',
    async (samples) => {
      let isClosed = false;
      const packets = encodeFrames(fine, { frame: samples, bitrate: 12_000, application: 'voip' });
      async function* parts() {
        try {
          yield* partsOf(...packets);
        } finally {
          isClosed = true;
        }
      }
      for await (const packet of toFrames(parts())) if (packet.byteLength > 0) break;
      expect(isClosed).toBe(true);
    },
  );
});

function powerOf(samples: Int16Array): number {
  return samples.reduce((sum, value) => sum + value * value, 0);
}

function bytesOf({ buffer, byteOffset, byteLength }: Int16Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
