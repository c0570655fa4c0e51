import { describe, expect, test } from 'vitest';
import { MAX_TEXT } from '../../src/domain/limits.ts';
import { waysTo } from '../../src/speech/ways.ts';
import type { SpeechModel } from '../../src/venice/models.ts';

const MODEL: SpeechModel = {
  id: 'stand-in',
  name: 'Stand-in',
  voices: [],
  formats: ['wav', 'mp3'],
  defaultFormat: 'mp3',
  microUsdPerMillion: 0,
  supportsTemperature: undefined,
  cloning: undefined,
};

describe('waysTo', () => {
  // Each letter is two UTF-16 units, in which the provider counts.
  test.each([
    ['one endless word', '𝒶'.repeat(MAX_TEXT)],
    ['words', '𝒶𝒷𝒸 '.repeat(MAX_TEXT / 4).trim()],
    ['sentences', `${'𝒶'.repeat(278)}! `.repeat(MAX_TEXT / 280).trim()],
    ['sentences that end just too late', `${'𝒶'.repeat(1_028)}! `.repeat(3).trim()],
    ['as much as may be one mp3', '𝒶'.repeat(280)],
  ])('no way has a piece that is too long for one call: %s', (_, text) => {
    for (const { pieces } of waysTo('mp3', text, MODEL))
      for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(4_096);
  });
});
