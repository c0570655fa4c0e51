import { beforeAll, expect, test } from 'vitest';
import { createLoudnessMeter } from '../../src/audio/loudness.ts';
import type { SpokenVoice } from '../../src/domain/voice.ts';
import { createLeveling } from '../../src/speech/leveling.ts';
import { loadSynthesis, SAMPLE_RATE } from '../venice/synthesis.ts';

const stock = (id: string): SpokenVoice => ({
  kind: 'stock',
  stock: { model: 'tts-kokoro', id, name: id },
});
const PEAK = 32_768 * 10 ** (-1 / 20);

let speech: Int16Array;
beforeAll(async () => {
  const synthesis = await loadSynthesis();
  speech = synthesis.speak('This is said at some loudness, and should be heard at another.');
});

/** The speech as a provider would send it, so many times as loud. */
function at(gain: number, samples = speech.map((sample) => sample * gain)) {
  async function* chunks() {
    for (let start = 0; start < samples.length; start += 4096)
      yield samples.slice(start, start + 4096);
  }
  return { sampleRate: SAMPLE_RATE, samples, chunks: chunks() };
}

async function collect(chunks: AsyncIterable<Int16Array>): Promise<Int16Array> {
  return Int16Array.from((await Array.fromAsync(chunks)).flatMap((chunk) => [...chunk]));
}

function lufsOf(samples: Int16Array): number {
  const meter = createLoudnessMeter(SAMPLE_RATE);
  meter.add(samples);
  return meter.read() ?? Number.NaN;
}

test('from its second line on a voice is heard at -16 LUFS, whatever the provider sends', async () => {
  for (const gain of [0.2, 0.5, 1]) {
    const leveling = createLeveling();
    const first = await collect(leveling.live(at(gain), stock('a')).chunks);
    expect(lufsOf(first)).toBeCloseTo(lufsOf(at(gain).samples), 0);
    const second = await collect(leveling.live(at(gain), stock('a')).chunks);
    expect(Math.abs(lufsOf(second) + 16)).toBeLessThan(1);
    expect(second).toHaveLength(speech.length);
    expect(Math.max(...second.map(Math.abs))).toBeLessThan(PEAK);
  }
});

test('so is one whose peaks stand far out of the rest', async () => {
  const loudest = speech.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const peaky = speech.map((sample) => {
    const share = Math.abs(sample) / loudest;
    return Math.sign(sample) * 28_000 * share ** 1.3;
  });
  const power = peaky.reduce((sum, sample) => sum + sample ** 2, 0) / peaky.length;
  expect(20 * Math.log10(28_000 / Math.sqrt(power))).toBeGreaterThan(20);
  const leveling = createLeveling();
  for (const line of [1, 2, 3]) {
    const heard = await collect(leveling.live(at(1, peaky), stock('a')).chunks);
    if (line > 1) expect(Math.abs(lufsOf(heard) + 16)).toBeLessThan(1);
    expect(Math.max(...heard.map(Math.abs))).toBeLessThan(PEAK);
  }
});

test('the first line of a voice has the gain its model usually needs', async () => {
  const leveling = createLeveling();
  await collect(leveling.live(at(0.2), stock('a')).chunks);
  const other = await collect(leveling.live(at(0.2), stock('b')).chunks);
  expect(Math.abs(lufsOf(other) + 16)).toBeLessThan(1);
});

test('a file is brought there exactly, from the first on', async () => {
  const { samples, sampleRate } = at(0.2);
  const pcm = await createLeveling().whole({ samples, sampleRate }, stock('a'));
  expect(Math.abs(lufsOf(pcm.samples) + 16)).toBeLessThan(1);
});

test('silence is left alone', async () => {
  const samples = new Int16Array(SAMPLE_RATE);
  const pcm = await createLeveling().whole({ samples, sampleRate: SAMPLE_RATE }, stock('a'));
  expect(pcm.samples).toEqual(samples);
});
