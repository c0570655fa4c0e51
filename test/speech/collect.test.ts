import { describe, expect, test } from 'vitest';
import type { Sound } from '../../src/audio/sound.ts';
import { bounded, secondsAllowed } from '../../src/speech/collect.ts';

const SENTENCE =
  'A sentence that takes somebody about five seconds to say, as people usually talk.';

/** Whether sound of so many seconds is let through for a text. */
async function passes(seconds: number, text: string, speed?: number): Promise<boolean> {
  const all = read(bounded(soundOf(seconds), secondsAllowed(text, speed)));
  return await all.then(
    () => true,
    (error: unknown) => {
      expect(error).toMatchObject({ name: 'NotAudioError' });
      return false;
    },
  );
}

function soundOf(seconds: number): Sound {
  async function* chunks() {
    for (let tenth = 0; tenth < seconds * 10; tenth += 1) yield new Int16Array(100);
  }
  return { kind: 'pcm', sampleRate: 1_000, chunks: chunks() };
}

async function read(sound: Sound): Promise<void> {
  const items: AsyncIterable<unknown> = sound.kind === 'opus' ? sound.packets : sound.chunks;
  await Array.fromAsync(items);
}

describe('bounded', () => {
  test('what could be the text passes, also said very fast or very slowly', async () => {
    for (const seconds of [0.3, 5, 25]) expect(await passes(seconds, SENTENCE)).toBe(true);
    for (const seconds of [0.2, 10]) expect(await passes(seconds, 'Hi.')).toBe(true);
  });

  test('what lacks most of the text, or never ends, does not', async () => {
    for (const seconds of [0, 0.2, 30]) expect(await passes(seconds, SENTENCE)).toBe(false);
    for (const seconds of [0.1, 12]) expect(await passes(seconds, 'Hi.')).toBe(false);
  });

  test('numbers and syllables take longer than letters', async () => {
    const number = '1'.repeat(30);
    for (const seconds of [0.6, 39]) expect(await passes(seconds, number)).toBe(true);
    expect(await passes(0.4, number)).toBe(false);
    const chinese = '你好世界'.repeat(10);
    for (const seconds of [0.5, 33]) expect(await passes(seconds, chinese)).toBe(true);
    expect(await passes(0.3, chinese)).toBe(false);
  });

  test('punctuation may take no time at all', async () => {
    expect(await passes(0.2, `Well${' . . !'.repeat(50)}`)).toBe(true);
  });

  test('a speed makes the bounds wider, never narrower', async () => {
    expect(await passes(0.2, SENTENCE, 4)).toBe(true);
    expect(await passes(25, SENTENCE, 4)).toBe(true);
    expect(await passes(100, SENTENCE, 0.25)).toBe(true);
    expect(await passes(0.6, SENTENCE, 0.25)).toBe(true);
    expect(await passes(0.1, 'Hi.', 2)).toBe(true);
  });

  test('packets are measured as samples are', async () => {
    async function* packets() {
      for (let count = 0; count < 10; count += 1) yield Uint8Array.of(count);
    }
    const bounds = secondsAllowed(SENTENCE);
    await expect(read(bounded({ kind: 'opus', packets: packets() }, bounds))).rejects.toThrow(
      'too short for its text',
    );
  });
});
