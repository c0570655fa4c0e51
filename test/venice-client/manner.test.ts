import { expect, test } from 'vitest';
import { mannerFor } from '../../src/venice/manner.ts';

const ASKED = { speed: 3, temperature: 0.5, language: 'fr' };

test.each([
  ['tts-chatterbox-hd', { temperature: 0.5 }],
  ['tts-kokoro', { speed: 3 }],
  ['tts-xai-v1', { speed: 1.5, language: 'fr' }],
  ['tts-elevenlabs-turbo-v2-5', { speed: 1.2, language: 'fr' }],
  ['tts-minimax-speech-02-hd', { speed: 2, language: 'French' }],
  ['tts-qwen3-0-6b', { temperature: 0.5, language: 'French' }],
  ['tts-orpheus', { temperature: 0.5 }],
  ['tts-gemini-3-1-flash', { temperature: 0.5 }],
  ['tts-inworld-1-5-max', {}],
  ['tts-gradium-v1', {}],
  ['tts-of-tomorrow', { speed: 3, temperature: 0.5 }],
])('%s is sent %j of all that can be asked for', (id, acting) => {
  const { sent, unheeded } = mannerFor({ id, supportsTemperature: undefined }, ASKED);
  const nothing = { speed: undefined, temperature: undefined, language: undefined };
  expect(sent).toEqual({ ...nothing, ...acting });
  const told = Object.fromEntries(unheeded.map(({ what, limit }) => [what, limit]));
  for (const what of ['speed', 'temperature', 'language'] as const) {
    const isWhole = sent[what] === ASKED[what] || (what === 'language' && sent.language);
    expect(what in told).toBe(!isWhole);
    if (!isWhole) expect(told[what]).toBe(sent[what]);
  }
});

test('what is asked for as it is anyway is neither sent nor told', () => {
  const asked = { speed: 1, temperature: undefined, language: undefined };
  const { sent, unheeded } = mannerFor(
    { id: 'tts-orpheus', supportsTemperature: undefined },
    asked,
  );
  expect([sent.speed, unheeded]).toEqual([undefined, []]);
});

test('the catalogue’s word on temperature goes before ours', () => {
  const id = 'tts-inworld-1-5-max';
  expect(mannerFor({ id, supportsTemperature: true }, ASKED).sent.temperature).toBe(0.5);
});
