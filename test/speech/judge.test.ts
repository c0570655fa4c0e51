import { describe, expect, test } from 'vitest';
import { SilenceError } from '../../src/audio/not-audio-error.ts';
import type { Sound } from '../../src/audio/sound.ts';
import { judged, secondsAllowed } from '../../src/speech/judge.ts';
import { encodeFrames } from '../audio/ogg-file.ts';
import { noise, silence, stream } from '../audio/recordings.ts';

const SENTENCE =
  'A sentence that takes somebody about five seconds to say, as people usually talk.';

/** Whether sound of so many seconds is let through for a text. */
async function passes(seconds: number, text: string, speed?: number): Promise<boolean> {
  const all = read(judged(soundOf(seconds), secondsAllowed(text, speed), ignore));
  return await all.then(
    () => true,
    (error: unknown) => {
      expect(error).toMatchObject({ name: 'NotAudioError' });
      return false;
    },
  );
}

const ignore = () => undefined;

/** @param peak how loud it is. */
function soundOf(seconds: number, peak = 1_000): Sound {
  async function* chunks() {
    for (let tenth = 0; tenth < seconds * 10; tenth += 1) yield new Int16Array(100).fill(peak);
  }
  return { kind: 'pcm', sampleRate: 1_000, chunks: chunks() };
}

async function read(sound: Sound): Promise<void> {
  const items: AsyncIterable<unknown> = sound.kind === 'opus' ? sound.packets : sound.chunks;
  await Array.fromAsync(items);
}

describe('judged', () => {
  test('what could be the text passes, also said very fast or very slowly', async () => {
    for (const seconds of [1, 5, 25]) expect(await passes(seconds, SENTENCE)).toBe(true);
    for (const seconds of [0.2, 10]) expect(await passes(seconds, 'Hi.')).toBe(true);
  });

  test('what lacks most of the text, or never ends, does not', async () => {
    for (const seconds of [0, 0.7, 30]) expect(await passes(seconds, SENTENCE)).toBe(false);
    for (const seconds of [0.1, 12]) expect(await passes(seconds, 'Hi.')).toBe(false);
  });

  test('numbers and syllables may take longer than letters', async () => {
    for (const seconds of [0.3, 39]) expect(await passes(seconds, '1'.repeat(30))).toBe(true);
    const chinese = '你好世界'.repeat(10);
    for (const seconds of [1.7, 33]) expect(await passes(seconds, chinese)).toBe(true);
    expect(await passes(1.5, chinese)).toBe(false);
  });

  test('a word that is drawn out may be said in a breath', async () => {
    expect(await passes(0.3, `Noooo${'o'.repeat(200)}!`)).toBe(true);
  });

  test('punctuation may take no time at all', async () => {
    expect(await passes(0.2, `Well${' . . !'.repeat(50)}`)).toBe(true);
  });

  test('a speed makes the bounds wider, never narrower', async () => {
    expect(await passes(0.3, SENTENCE, 4)).toBe(true);
    expect(await passes(25, SENTENCE, 4)).toBe(true);
    expect(await passes(100, SENTENCE, 0.25)).toBe(true);
    expect(await passes(1, SENTENCE, 0.25)).toBe(true);
    expect(await passes(0.1, 'Hi.', 2)).toBe(true);
  });

  test('packets are measured as samples are', async () => {
    const bounds = secondsAllowed(SENTENCE);
    const packets = encodeFrames(noise(2, 3_000), { frame: 960, bitrate: 64_000 });
    const hear = (count: number) =>
      read(judged({ kind: 'opus', packets: stream(packets.slice(0, count)) }, bounds, ignore));
    await hear(45);
    await expect(hear(40)).rejects.toThrow('too short for its text');
  });

  test('silence as long as the text is none, after all of it was handed on', async () => {
    for (const peak of [0, 3, 100]) {
      const parts: Int16Array[] = [];
      const sound = judged(soundOf(5, peak), secondsAllowed(SENTENCE), ignore);
      const reading = (async () => {
        if (sound.kind === 'pcm') for await (const chunk of sound.chunks) parts.push(chunk);
      })();
      await expect(reading).rejects.toThrow(SilenceError);
      expect(parts).toHaveLength(50);
    }
    await read(judged(soundOf(5, 300), secondsAllowed(SENTENCE), ignore));
  });

  test('so are packets of silence', async () => {
    const encode = (samples: Int16Array) =>
      encodeFrames(samples, { frame: 960, bitrate: 64_000 }).values();
    const bounds = secondsAllowed(SENTENCE);
    const hear = (samples: Int16Array) =>
      read(judged({ kind: 'opus', packets: stream(encode(samples)) }, bounds, ignore));
    await expect(hear(silence(10))).rejects.toThrow(SilenceError);
    await hear(noise(10, 3_000));
  });

  test('how much can be heard is told as it comes', async () => {
    const told: number[] = [];
    await read(judged(soundOf(2), secondsAllowed('Hi.'), (ms) => told.push(ms)));
    expect(told).toEqual(Array(20).fill(100));
  });
});
