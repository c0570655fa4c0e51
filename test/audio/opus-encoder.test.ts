import { setImmediate as turn } from 'node:timers/promises';
import { Decoder } from '@evan/opus';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeOpus } from '../../src/audio/opus-encoder.ts';
import { FRAME_MS } from '../../src/audio/pcm.ts';
import { primeSpeech } from '../../src/audio/prime-speech.ts';
import { joinSamples, SAMPLE_RATE } from '../venice/synthesis.ts';
import {
  alike,
  createRandom,
  createRecordings,
  join,
  noise,
  type Recordings,
  silence,
  stream,
} from './recordings.ts';

let recordings: Recordings;
let talk: Int16Array;
beforeAll(async () => {
  recordings = await createRecordings();
  talk = recordings.talk(3.01);
});
afterAll(() => recordings[Symbol.asyncDispose]());

const encode = (chunks: Iterable<Int16Array>, sampleRate = SAMPLE_RATE) =>
  Array.fromAsync(encodeOpus({ sampleRate, chunks: stream(chunks) }));

/** As a listener does, who always decodes at 48 kHz; here at the rate of the original. */
function decode(packets: readonly Uint8Array[], sampleRate: 24_000 | 48_000 = SAMPLE_RATE) {
  const decoder = new Decoder({ channels: 1, sample_rate: sampleRate });
  return joinSamples(
    packets.map((packet) => {
      const bytes = Uint8Array.from(decoder.decode(packet));
      return new Int16Array(bytes.buffer);
    }),
  );
}

/** A second that rises from 200 to 2,200 Hz. */
function sweep(sampleRate: number): Int16Array {
  return Int16Array.from({ length: sampleRate }, (_, index) => {
    const at = index / sampleRate;
    return Math.round(9000 * Math.sin(2 * Math.PI * (200 * at + 1000 * at * at)));
  });
}

describe('encodeOpus', () => {
  test('every 20 ms become one packet, and what a listener decodes is what was said', async () => {
    const packets = await encode([talk]);
    expect(packets).toHaveLength(Math.ceil((talk.length / SAMPLE_RATE) * (1000 / FRAME_MS)) + 1);
    for (const packet of packets) {
      // One frame of 20 ms, mono, and so small as 64 kbit/s allow.
      expect((packet[0] ?? 0) & 0b111).toBe(0);
      expect((packet[0] ?? 0) >> 3).toBeOneOf([1, 5, 9, 13, 15, 19, 23, 27, 31]);
      expect(packet.byteLength).toBeLessThan(500);
    }
    const heard = decode(packets);
    expect(heard.length).toBe(packets.length * 480);
    expect(alike(heard, talk)).toBeGreaterThan(0.97);
  });

  test('the last 20 ms are heard as well, and what is no whole packet', async () => {
    for (const length of [480, 300]) {
      const word = join(silence(0.4), talk.slice(10_000, 10_000 + length));
      expect(alike(decode(await encode([word])), word)).toBeGreaterThan(0.9);
    }
  });

  test('it is as loud to who has just heard something else', async () => {
    const first = await encode([noise(1, 20_000)]);
    const packets = (await encode([talk.slice(12_000, 14_400)])).slice(0, -1);
    const heard = decode([...first, ...packets]).slice(first.length * 480);
    expect(alike(heard, decode(packets))).toBeGreaterThan(0.97);
  });

  test('how the sound arrives makes no difference', async () => {
    const random = createRandom(31);
    const pieces: Int16Array[] = [];
    for (let offset = 0; offset < talk.length; ) {
      const piece = talk.subarray(offset, offset + Math.floor(random() * 1000));
      pieces.push(piece);
      offset += piece.length;
    }
    expect(await encode(pieces)).toEqual(await encode([talk]));
  });

  test.each([8_000, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000])(
    'sound at %i Hz keeps its length and its pitch',
    async (sampleRate) => {
      const packets = await encode([sweep(sampleRate)], sampleRate);
      expect(packets).toHaveLength(51);
      expect(alike(decode(packets, 48_000), sweep(48_000))).toBeGreaterThan(0.97);
    },
  );

  test('the first packet needs no more than its own 20 ms', async () => {
    async function* chunks() {
      yield talk.subarray(0, 479);
      yield talk.subarray(479, 480);
      throw new Error('Nobody asked for more');
    }
    const packets = encodeOpus({ sampleRate: SAMPLE_RATE, chunks: chunks() });
    expect((await packets.next()).value?.byteLength).toBeGreaterThan(0);
    await expect(packets.next()).rejects.toThrow('Nobody asked for more');
  });

  test('a whole clip at once leaves others their turns', async () => {
    let turns = 0;
    let isOver = false;
    const counting = (async () => {
      while (!isOver) {
        await turn();
        turns += 1;
      }
    })();
    await encode([noise(20, 9000)]);
    isOver = true;
    await counting;
    expect(turns).toBeGreaterThanOrEqual(100);
  });

  test('leaving early closes the sound', async () => {
    let isClosed = false;
    async function* chunks() {
      try {
        for (;;) yield talk;
      } finally {
        isClosed = true;
      }
    }
    for await (const packet of encodeOpus({ sampleRate: SAMPLE_RATE, chunks: chunks() }))
      if (packet.byteLength > 0) break;
    expect(isClosed).toBe(true);
  });
});

test('primeSpeech ends by itself', async () => {
  await expect(primeSpeech()).resolves.toBeUndefined();
});
