import { describe, expect, test } from 'vitest';
import { openWav, writeWav } from '../../src/audio/wav.ts';
import { collect, createRandom, cutUp, noise, stream } from './recordings.ts';

const SOUND = noise(0.2, 20_000);

interface Shape {
  readonly format?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly bits?: number;
  /** Between the format and the sound. */
  readonly extra?: Uint8Array;
  /** What the header says; by default the truth. */
  readonly dataBytes?: number;
  readonly after?: Uint8Array;
}

function makeWav(samples: Int16Array, shape: Shape = {}): Buffer {
  const { format = 1, channels = 1, sampleRate = 24_000, bits = 16 } = shape;
  const { extra = Buffer.alloc(0), after = Buffer.alloc(0) } = shape;
  const head = Buffer.from(writeWav({ sampleRate: 24_000, samples })).subarray(0, 36);
  head.writeUInt16LE(format, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt16LE(bits, 34);
  const data = Buffer.alloc(8);
  data.write('data', 0, 'latin1');
  data.writeUInt32LE(shape.dataBytes ?? samples.byteLength, 4);
  return Buffer.concat([head, extra, data, new Uint8Array(samples.buffer), after]);
}

function chunk(id: string, content: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(content.length);
  return Buffer.concat([
    Buffer.from(id),
    size,
    Buffer.from(content.padEnd(content.length + (content.length % 2), '\0')),
  ]);
}

async function read(pieces: Iterable<Uint8Array>) {
  const pcm = await openWav(stream(pieces));
  return { sampleRate: pcm.sampleRate, samples: await collect(pcm) };
}

describe('openWav', () => {
  const LIST = chunk('LIST', 'INFOISFT\x05\0\0\0Myna.');
  test.each<readonly [string, Shape]>([
    ['as it should be', {}],
    ['with a length of 0, as streams have', { dataBytes: 0 }],
    ['with a length of 4 GB, as streams have', { dataBytes: 0xffff_ffff }],
    ['with a length of 2 GB, as streams have', { dataBytes: 0x7fff_ffff }],
    ['with chunks before the sound, one of odd length', { extra: Buffer.concat([LIST, LIST]) }],
    ['with a chunk after the sound', { after: LIST }],
    ['at 48 kHz', { sampleRate: 48_000 }],
  ])('reads a WAV %s, however it is cut', async (_, shape) => {
    const file = makeWav(SOUND, shape);
    const random = createRandom(11);
    for (const maxBytes of [1, 2, 7, 50, 50, 50, 999, 999, file.byteLength]) {
      const { sampleRate, samples } = await read(cutUp(file, random, maxBytes));
      expect(sampleRate).toBe(shape.sampleRate ?? 24_000);
      expect(Buffer.compare(Buffer.from(samples.buffer), Buffer.from(SOUND.buffer))).toBe(0);
    }
  });

  test('takes the first of two channels', async () => {
    const both = Int16Array.from({ length: 2000 }, (_, at) => (at % 2 === 0 ? at : -1));
    const random = createRandom(12);
    const { samples } = await read(cutUp(makeWav(both, { channels: 2 }), random, 9));
    expect([...samples]).toEqual(Array.from({ length: 1000 }, (_, at) => at * 2));
  });

  test('hands out sound before more bytes are there', async () => {
    async function* body() {
      yield makeWav(SOUND).subarray(0, 44 + 960);
      throw new Error('Nobody asked for more');
    }
    const chunks = (await openWav(body())).chunks[Symbol.asyncIterator]();
    expect((await chunks.next()).value).toHaveLength(480);
    await expect(chunks.next()).rejects.toThrow('Nobody asked for more');
  });

  test('ends where the sound ends, and drops half a sample', async () => {
    const { samples } = await read([makeWav(SOUND, { dataBytes: 101 })]);
    expect(samples).toHaveLength(50);
    expect((await read([makeWav(SOUND).subarray(0, 44 + 33)])).samples).toHaveLength(16);
  });

  test('reads the body to its end, so that its connection can serve again', async () => {
    let isRead = false;
    async function* body() {
      yield makeWav(SOUND);
      isRead = true;
    }
    await collect(await openWav(body()));
    expect(isRead).toBe(true);
  });

  test.each<readonly [string, Uint8Array]>([
    ['of 24 bits', makeWav(SOUND, { bits: 24 })],
    ['of floats', makeWav(SOUND, { format: 3, bits: 32 })],
    ['of an extensible format', makeWav(SOUND, { format: 0xfffe })],
    ['of six channels', makeWav(SOUND, { channels: 6 })],
    ['of no channel', makeWav(SOUND, { channels: 0 })],
    ['of rate zero', makeWav(SOUND, { sampleRate: 0 })],
    ['of four billion samples a second', makeWav(SOUND, { sampleRate: 0xffff_ffff })],
    ['without a sample', makeWav(SOUND).subarray(0, 45)],
    ['that ends in its header', makeWav(SOUND).subarray(0, 30)],
    ['without a format', Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE'), chunk('data', 'abcd')])],
    ['that never comes to its sound', makeWav(SOUND, { extra: chunk('junk', 'x'.repeat(70_000)) })],
    ['that is a film', Buffer.from('RIFF\0\0\0\0AVI LIST')],
    ['that is nothing', new Uint8Array(0)],
  ])('refuses a WAV %s', async (_, file) => {
    for (const maxBytes of [5, 100_000])
      await expect(read(cutUp(file, createRandom(13), maxBytes))).rejects.toMatchObject({
        name: 'NotAudioError',
      });
  });
});

describe('writeWav', () => {
  test('writes a header of 44 bytes and the samples of a view, no more', async () => {
    const view = SOUND.subarray(100, 300);
    const file = Buffer.from(writeWav({ sampleRate: 24_000, samples: view }));
    expect(file).toHaveLength(444);
    expect(file.subarray(0, 44)).toEqual(makeWav(view.slice()).subarray(0, 44));
    expect([...(await read([file])).samples]).toEqual([...view]);
  });
});
