import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NotAudioError } from '../../src/audio/not-audio-error.ts';
import { openSound, openSpeech } from '../../src/audio/open-speech.ts';
import { writeWav } from '../../src/audio/wav.ts';
import { encodeFrames, writeOgg, writePage } from './ogg-file.ts';
import { cuts, damaged, inPieces } from './pieces-of.ts';
import { collect, createRecordings, noise, type Recordings } from './recordings.ts';

/**
 * Far more sound than so few bytes can hold is made up: an Opus packet of three bytes can be 120 ms
 * of silence, an mp3's frame of 24 bytes 1,152 samples.
 */
const MOST_SAMPLES_A_BYTE = 2000;

let recordings: Recordings;
/** What the readers are fuzzed with: a short file of every kind they take, or nearly take. */
let corpus: Readonly<Record<'wav' | 'mp3' | 'ogg', readonly Uint8Array[]>>;

beforeAll(async () => {
  recordings = await createRecordings();
  const talk = recordings.talk(0.4);
  const made = (...args: readonly string[]) => recordings.encode(talk, args);
  const mp3 = (...args: readonly string[]) => made('-c:a', 'libmp3lame', ...args, '-f', 'mp3');
  const opus = (...args: readonly string[]) => made('-c:a', 'libopus', ...args, '-f', 'ogg');
  const short = writeWav({ sampleRate: 24_000, samples: talk.slice(0, 300) });
  const frames = encodeFrames(noise(0.1, 9000), {
    frame: 480,
    bitrate: 24_000,
    application: 'voip',
  });
  corpus = {
    wav: [
      short,
      short.subarray(0, 43),
      Buffer.from('RIFF'),
      await made('-c:a', 'pcm_s16le', '-ac', '2', '-f', 'wav'),
      await made('-c:a', 'pcm_s24le', '-f', 'wav'),
      await made('-c:a', 'pcm_f32le', '-f', 'wav'),
    ],
    mp3: [
      await mp3('-b:a', '64k'),
      await mp3('-b:a', '128k', '-ac', '2', '-ar', '44100', '-metadata', 'title=A tag'),
      await mp3('-q:a', '5', '-write_xing', '0', '-id3v2_version', '0'),
      Buffer.from([0xff, 0xfb, 0x90, 0xc4]),
    ],
    ogg: [
      await opus('-b:a', '64k'),
      await opus('-b:a', '64k', '-frame_duration', '60'),
      await opus('-b:a', '12k', '-ar', '16000', '-frame_duration', '40'),
      Buffer.concat([
        ...writeOgg({ packets: frames, samples: 480 }),
        ...writeOgg({ packets: frames }),
      ]),
      Buffer.concat([
        ...writeOgg({ packets: [] }),
        writePage({ packets: Array<Uint8Array>(80).fill(Uint8Array.of(0xff, 6)), number: 2 }),
      ]),
    ],
  };
});
afterAll(() => recordings[Symbol.asyncDispose]());

describe.each(['wav', 'mp3', 'ogg'] as const)('%s', (kind) => {
  test('is the same sound however it comes in pieces', async () => {
    const file = corpus[kind][0] ?? new Uint8Array();
    const read = async (lengths: readonly number[]) =>
      await collect(await openSpeech(inPieces(file, lengths), 'audio/any'));
    const whole = await read([file.byteLength]);
    await fc.assert(
      fc.asyncProperty(cuts, async (lengths) => {
        const sound = await read(lengths);
        expect(Buffer.compare(bytesOf(sound), bytesOf(whole))).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  test('whatever is sent, it ends: as so much sound as it may hold, or as none', async () => {
    const bodies = fc.oneof(...corpus[kind].map(damaged));
    await fc.assert(
      fc.asyncProperty(bodies, cuts, async (bytes, lengths) => {
        let samples = 0;
        try {
          const { chunks } = await openSpeech(inPieces(bytes, lengths), 'audio/any');
          for await (const chunk of chunks) samples += chunk.length;
        } catch (error) {
          expect(error).toBeInstanceOf(NotAudioError);
        }
        expect(samples).toBeLessThanOrEqual(bytes.byteLength * MOST_SAMPLES_A_BYTE);
      }),
      { numRuns: 150 },
    );
  });

  test('the same for the ear', async () => {
    const bodies = fc.oneof(...corpus[kind].map(damaged));
    await fc.assert(
      fc.asyncProperty(bodies, cuts, async (bytes, lengths) => {
        try {
          const sound = await openSound(inPieces(bytes, lengths), 'audio/any');
          const items = sound.kind === 'opus' ? sound.packets : sound.chunks;
          for await (const item of items) expect(item.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(NotAudioError);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('a body that begins like one and never ends is left soon, and closed', async () => {
    const start = (corpus[kind][0] ?? new Uint8Array()).subarray(0, 36);
    const seen = { bytes: 0, isClosed: false };
    async function* body() {
      try {
        yield start;
        for (; ; seen.bytes += 1000) yield new Uint8Array(1000);
      } finally {
        seen.isClosed = true;
      }
    }
    await expect(openSpeech(body(), 'audio/any')).rejects.toThrow(NotAudioError);
    expect(seen.isClosed).toBe(true);
    expect(seen.bytes).toBeLessThan(100_000);
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: Int16Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
