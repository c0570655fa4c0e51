import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NotAudioError } from '../../src/audio/not-audio-error.ts';
import { openSpeech } from '../../src/audio/open-speech.ts';
import { writeWav } from '../../src/audio/wav.ts';

/** Far more sound than so few bytes can hold is made up. */
const MOST_SAMPLES_A_BYTE = 400;

/** Bytes that begin as one of the containers does, are damaged, cut, and come in pieces. */
const body = fc
  .tuple(
    fc.constantFrom<readonly number[]>(
      [],
      [0x52, 0x49, 0x46, 0x46],
      [0xff, 0xfb, 0x90, 0xc4],
      [0x49, 0x44, 0x33, 4, 0, 0],
      [...writeWav({ sampleRate: 24_000, samples: new Int16Array(300) })],
      [...writeWav({ sampleRate: 24_000, samples: new Int16Array(1) }).subarray(0, 43)],
    ),
    fc.uint8Array({ maxLength: 600 }),
    fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
    fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }),
  )
  .map(([head, tail, damage, cuts]) => {
    const bytes = Uint8Array.from([...head, ...tail]);
    for (const [at, value] of damage) if (at < bytes.length) bytes[at] = value;
    const pieces: Uint8Array[] = [];
    let start = 0;
    for (let turn = 0; start < bytes.length; turn += 1) {
      const end = start + (cuts[turn % cuts.length] ?? 1);
      pieces.push(bytes.slice(start, end));
      start = end;
    }
    return { pieces, length: bytes.length };
  });

test('whatever a provider sends, it ends: as so much sound as it may hold, or as none', async () => {
  await fc.assert(
    fc.asyncProperty(body, async ({ pieces, length }) => {
      async function* chunks() {
        yield* pieces;
      }
      let samples = 0;
      try {
        const stream = await openSpeech(chunks(), 'audio/wav');
        expect(stream.sampleRate).toBeGreaterThanOrEqual(8_000);
        for await (const chunk of stream.chunks) samples += chunk.length;
      } catch (error) {
        expect(error).toBeInstanceOf(NotAudioError);
      }
      expect(samples).toBeLessThanOrEqual(length * MOST_SAMPLES_A_BYTE);
    }),
    { numRuns: 400 },
  );
});

test('a WAV is the same however it comes in pieces', async () => {
  const samples = Int16Array.from({ length: 500 }, (_, index) => index * 7);
  const wav = writeWav({ sampleRate: 24_000, samples });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 40 }),
      async (cuts) => {
        async function* chunks() {
          let start = 0;
          for (let turn = 0; start < wav.length; turn += 1) {
            const end = start + (cuts[turn % cuts.length] ?? 1);
            yield wav.slice(start, end);
            start = end;
          }
        }
        const { chunks: sound } = await openSpeech(chunks(), 'audio/wav');
        const heard = (await Array.fromAsync(sound)).flatMap((chunk) => [...chunk]);
        expect(heard).toEqual([...samples]);
      },
    ),
    { numRuns: 100 },
  );
});
