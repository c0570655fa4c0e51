import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joinSamples } from '../../src/audio/pcm.ts';
import { openWav, writeWav } from '../../src/audio/wav.ts';
import { cuts, inPieces } from './pieces-of.ts';
import {
  collect,
  createRandom,
  createRecordings,
  cutUp,
  noise,
  type Recordings,
  stream,
} from './recordings.ts';

let recordings: Recordings;
beforeAll(async () => {
  recordings = await createRecordings();
});
afterAll(() => recordings[Symbol.asyncDispose]());

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
    const both = Int16Array.from({ length: 2000 }, (_, at) => (at % 2 === 0 ? at + 1 : -1));
    const random = createRandom(12);
    const { samples } = await read(cutUp(makeWav(both, { channels: 2 }), random, 9));
    expect([...samples]).toEqual(Array.from({ length: 1000 }, (_, at) => at * 2 + 1));
  });

  test.each(['pcm_s16le', 'pcm_s24le', 'pcm_s32le', 'pcm_f32le', 'pcm_f64le'])(
    'reads %s, of one channel and of two, however it is cut',
    async (codec) => {
      for (const layout of ['mono|c0=c0', 'stereo|c0=c0|c1=c0']) {
        const args = ['-af', `pan=${layout}`, '-c:a', codec, '-f', 'wav'];
        const file = await recordings.encode(SOUND.slice(0, 2000), args);
        await fc.assert(
          fc.asyncProperty(cuts, async (lengths) => {
            const sound = await openWav(inPieces(file, lengths));
            expect(await collect(sound)).toEqual(SOUND.slice(0, 2000));
          }),
          { numRuns: 10 },
        );
      }
    },
  );

  test.each([
    ['the first', 0],
    ['the second', 1],
  ])('of two channels one of which is silent it takes the other, %s', async (_, side) => {
    const both = Int16Array.from({ length: 4000 }, (_, at) =>
      at % 2 === side ? (SOUND[at >> 1] ?? 0) : (at % 5) - 2,
    );
    const { samples } = await read(cutUp(makeWav(both, { channels: 2 }), createRandom(14), 99));
    const [heard, said] = [samples.slice(5), SOUND.slice(5, 2000)];
    expect(heard).toEqual(said);
  });

  const right = makeWav(SOUND.slice(0, 300), { after: LIST });
  const [endless, empty] = [0xffff_ffff, 0].map((dataBytes) =>
    makeWav(SOUND.slice(300, 700), { dataBytes }),
  ) as [Buffer, Buffer];
  test.each<readonly [string, readonly Uint8Array[], number]>([
    ['that say how long they are', [right, right], 600],
    ['the last of which does not say it', [right, endless], 700],
    ['none of which says it', [endless, empty, endless], 1200],
    ['one of which says less', [empty, right], 700],
  ])('reads files strung together, %s, cut at any byte', async (_, files, length) => {
    const all = Buffer.concat(files);
    const whole = (await read([all])).samples;
    expect(whole).toHaveLength(length);
    for (let at = 1; at < all.byteLength; at += 1) {
      const { samples } = await read([all.subarray(0, at), all.subarray(at)]);
      expect(samples, `cut at ${at}`).toEqual(whole);
    }
  });

  test('sound that looks like another file, almost, is sound', async () => {
    const almost = Buffer.from('RIFFRIF\0RIFF....WAVYzRIFF....WAV');
    const file = Buffer.concat([makeWav(SOUND.slice(0, 10), { dataBytes: 0 }), almost]);
    const { samples } = await read(cutUp(file, createRandom(15), 3));
    expect(Buffer.from(samples.buffer).subarray(20)).toEqual(almost);
  });

  test('one that breaks off gives what is there, and says that it was not all', async () => {
    const files = Buffer.concat([right, makeWav(SOUND.slice(0, 300))]);
    const whole = (await read([files])).samples;
    // From the first sample, but where the first file is over and the second not begun.
    const over = right.byteLength + 12;
    for (let end = 46; end < files.byteLength; end += 1) {
      if (end >= 44 + 599 && end < over) continue;
      const heard: Int16Array[] = [];
      const reading = (async () => {
        const { chunks } = await openWav(stream([files.subarray(0, end)]));
        for await (const chunk of chunks) heard.push(chunk);
      })();
      await expect(reading, `cut at ${end}`).rejects.toThrow(/breaks off/);
      const samples = joinSamples(heard);
      expect(samples).toEqual(whole.slice(0, samples.length));
    }
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
    const endless = makeWav(SOUND, { dataBytes: 0 }).subarray(0, 44 + 33);
    expect((await read([endless])).samples).toHaveLength(16);
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
    ['of 12 bits', makeWav(SOUND, { bits: 12 })],
    ['of floats of 16 bits', makeWav(SOUND, { format: 3 })],
    ['of an extensible format that is not told', makeWav(SOUND, { format: 0xfffe })],
    ['of a codec', makeWav(SOUND, { format: 2 })],
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
