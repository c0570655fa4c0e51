import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ProviderFormat } from '../../src/venice/models.ts';
import type { SpeakRequest } from '../../src/venice/venice.ts';
import { likeness } from '../e2e/sound.ts';
import { joinSamples, loadSynthesis, SAMPLE_RATE } from '../venice/synthesis.ts';
import { openSpeaker, type Speaker, type Way } from './speaker.ts';

const SHORT =
  'This is longer than what is always said in one go. It is heard in two pieces, and lies in one file.';
const LONG = `${SHORT} The quick brown fox jumps over the lazy dog, again and again, and it never gets tired of it. Then somebody opens a window, and all of us hear the rain. We sit in a quiet room, and we talk as we always do. Later we went home, because it was late and we were tired of it all.`;

/** What the provider offers; then what is spoken first, and how it is wanted after that. */
const TURNS: readonly (readonly [string, readonly ProviderFormat[], (readonly [Way, Way])[]])[] = [
  [
    'WAV and mp3',
    ['wav', 'mp3'],
    [
      ['live', 'mp3'],
      ['live', 'flac'],
      ['mp3', 'live'],
      ['mp3', 'flac'],
      ['flac', 'live'],
      ['flac', 'mp3'],
    ],
  ],
  [
    'only Opus',
    ['opus'],
    [
      ['live', 'mp3'],
      ['mp3', 'live'],
    ],
  ],
  [
    'only mp3',
    ['mp3'],
    [
      ['live', 'mp3'],
      ['mp3', 'live'],
    ],
  ],
];

describe.each(TURNS)('where the provider offers %s', (_, formats, turns) => {
  let speaker: Speaker;
  beforeAll(async () => {
    speaker = await openSpeaker(formats);
  });
  afterAll(() => speaker[Symbol.asyncDispose]());

  test.each(turns)('what was spoken as %s is there as %s, for free', async (first, then) => {
    await speaker.forget();
    const [before, known] = [speaker.asked.length, await speaker.speak(SHORT, first)];
    const [pieces, used] = [speaker.asked.slice(before), await speaker.used()];
    const said = await soundOf(SHORT, pieces);
    for (const heard of [known, await speaker.speak(SHORT, then)]) {
      expect(likeness(heard, said)).toBeGreaterThan(0.9);
      expect(likeness(heard.toReversed(), said.toReversed())).toBeGreaterThan(0.9);
      expect(Math.abs(heard.length - said.length)).toBeLessThan(SAMPLE_RATE / 5);
    }
    expect(speaker.asked).toHaveLength(before + pieces.length);
    expect(await speaker.used()).toEqual(used);
  });
});

describe('when hardly a call can go out', () => {
  test('a line that is known is heard without one', async () => {
    await using speaker = await openSpeaker(['wav']);
    await speaker.speak(LONG, 'live');
    const [calls, used] = [speaker.asked.length, await speaker.used()];
    speaker.requestsLeft = 0;
    const heard = await speaker.speak(LONG, 'live');
    expect(likeness(heard, await soundOf(LONG, speaker.asked))).toBeGreaterThan(0.9);
    expect(speaker.asked).toHaveLength(calls);
    expect(await speaker.used()).toEqual(used);
  });

  test('one that is not takes fewer, and is known once there are more again', async () => {
    await using speaker = await openSpeaker(['wav', 'mp3']);
    speaker.requestsLeft = 1;
    await speaker.speak(LONG, 'live');
    await speaker.speak(SHORT, 'mp3');
    expect(speaker.asked.map(({ responseFormat }) => responseFormat)).toEqual([
      'wav',
      'wav',
      'mp3',
    ]);
    const used = await speaker.used();
    speaker.requestsLeft = 10;
    for (const way of ['live', 'ogg'] as const) await speaker.speak(LONG, way);
    expect(speaker.asked).toHaveLength(3);
    expect(await speaker.used()).toEqual(used);
  });
});

test('what is forgotten before its turn is asked for, and paid as one line', async () => {
  await using speaker = await openSpeaker(['wav']);
  await speaker.speak(LONG, 'live');
  const [calls, { microUsd }] = [speaker.asked.length, await speaker.used()];
  const utterance = await speaker.prepare(LONG);
  expect(await speaker.used()).toMatchObject({ lines: 1, microUsd });
  await speaker.forget();
  await speaker.hear(utterance, 'live');
  await utterance[Symbol.asyncDispose]();
  expect(speaker.asked).toHaveLength(calls * 2);
  expect(await speaker.used()).toMatchObject({ lines: 2, microUsd: microUsd * 2 });
});

/** What was asked for, in the order of the text: later pieces are asked for side by side. */
async function soundOf(text: string, asked: readonly SpeakRequest[]): Promise<Int16Array> {
  const synthesis = await loadSynthesis();
  return joinSamples(
    asked
      .map(({ input }) => input)
      .toSorted((a, b) => text.indexOf(a) - text.indexOf(b))
      .map((piece) => synthesis.speak(piece)),
  );
}
