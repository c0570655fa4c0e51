import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSound, openSpeech } from '../../src/audio/open-speech.ts';
import { ENCODINGS } from '../venice/sound.ts';
import { SAMPLE_RATE } from '../venice/synthesis.ts';
import {
  alike,
  collect,
  createRandom,
  createRecordings,
  cutUp,
  type Recordings,
  stream,
} from './recordings.ts';

let recordings: Recordings;
let talk: Int16Array;
let wav: Uint8Array;
let mp3: Uint8Array;
let ogg: Uint8Array;

beforeAll(async () => {
  recordings = await createRecordings();
  talk = recordings.talk(4);
  [wav, mp3, ogg] = await Promise.all([
    recordings.wav(talk),
    recordings.encode(talk, ENCODINGS['mp3']?.args ?? []),
    recordings.encode(talk, ENCODINGS['opus']?.args ?? []),
  ]);
});
afterAll(() => recordings[Symbol.asyncDispose]());

/** A body that notes how it was left. */
function watched(pieces: readonly Uint8Array[]) {
  const seen = { read: 0, isClosed: false };
  async function* body() {
    try {
      for (const piece of pieces) {
        seen.read += 1;
        yield piece;
      }
    } finally {
      seen.isClosed = true;
    }
  }
  return { seen, body: body() };
}

describe('openSpeech', () => {
  test.each(['audio/wav', 'audio/x-wav; rate=24000', 'Audio/WAVE', 'application/octet-stream'])(
    'opens a WAV called %s, in random pieces',
    async (type) => {
      const pcm = await openSpeech(stream(cutUp(wav, createRandom(21), 3000)), type);
      expect(pcm.sampleRate).toBe(SAMPLE_RATE);
      expect(alike(await collect(pcm), talk)).toBeGreaterThan(0.999);
    },
  );

  test.each(['audio/mpeg', 'audio/mp3'])(
    'opens an mp3 called %s, in random pieces',
    async (type) => {
      for (const maxBytes of [40, 700, mp3.byteLength]) {
        const pcm = await openSpeech(stream(cutUp(mp3, createRandom(22), maxBytes)), type);
        expect(pcm.sampleRate).toBe(SAMPLE_RATE);
        const samples = await collect(pcm);
        expect(samples.length).toBeGreaterThanOrEqual(talk.length);
        expect(alike(samples, talk)).toBeGreaterThan(0.95);
      }
    },
  );

  test.each(['audio/ogg', 'audio/opus', 'audio/ogg; codecs=opus'])(
    'opens Ogg Opus called %s, in random pieces, without what lies around the sound',
    async (type) => {
      const same = await recordings.converter.toPcm(ogg, 48_000);
      for (const maxBytes of [40, 700, ogg.byteLength]) {
        const pcm = await openSpeech(stream(cutUp(ogg, createRandom(23), maxBytes)), type);
        expect(pcm.sampleRate).toBe(48_000);
        const samples = await collect(pcm);
        expect(samples).toHaveLength(talk.length * 2);
        expect(alike(samples, same)).toBeGreaterThan(0.999);
      }
    },
  );

  test('a chain of Ogg Opus is all of its sounds', async () => {
    const same = await recordings.converter.toPcm(ogg, 48_000);
    const samples = await collect(await openSpeech(stream([ogg, ogg]), 'audio/ogg'));
    expect(samples).toHaveLength(2 * same.length);
    expect(alike(samples.slice(same.length), same)).toBeGreaterThan(0.999);
  });

  test('what it is counts, not what it is called', async () => {
    const pcm = await openSpeech(stream([wav]), 'audio/mpeg');
    expect(alike(await collect(pcm), talk)).toBeGreaterThan(0.999);
    expect((await openSpeech(stream([mp3]), 'audio/wav')).sampleRate).toBe(SAMPLE_RATE);
  });

  test('sound is there with the first bytes, in any container', async () => {
    for (const [bytes, type, most] of [
      [wav, 'audio/wav', 1],
      [mp3, 'audio/mpeg', 3],
      [ogg, 'audio/ogg', 1],
    ] as const) {
      const pieces = Array.from({ length: 20 }, (_, at) =>
        bytes.subarray(at * 1004, (at + 1) * 1004),
      );
      const { seen, body } = watched(pieces);
      const { chunks } = await openSpeech(body, type);
      for await (const samples of chunks) {
        expect(samples.length).toBeGreaterThan(0);
        break;
      }
      expect(seen).toEqual({ read: expect.toSatisfy((read) => read <= most), isClosed: true });
    }
  });

  test.each<readonly [string, string, () => readonly Uint8Array[]]>([
    ['an error as JSON', 'application/json', () => [Buffer.from('{"error":"no"}')]],
    ['an error as JSON called WAV', 'audio/wav', () => [Buffer.from('{"error":"no"}')]],
    ['a page', 'text/html', () => [Buffer.from('<!doctype html>')]],
    ['a page called mp3', 'audio/mpeg', () => [Buffer.from('<!doctype html>'.repeat(9999))]],
    ['nothing', 'audio/wav', () => []],
    ['nothing called mp3', 'audio/mpeg', () => [new Uint8Array(0)]],
    ['three bytes', 'audio/wav', () => [Buffer.from('RIF')]],
    ['a WAV without sound', 'audio/wav', () => [wav.subarray(0, 44)]],
    ['a tag without an mp3', 'audio/mpeg', () => [mp3.subarray(0, 40)]],
    [
      'junk that starts like an mp3',
      'audio/mpeg',
      () => [Buffer.from([0xff, 0xfb]), Buffer.alloc(100_000)],
    ],
    ['Ogg that goes no further', 'audio/ogg', () => [ogg.subarray(0, 200)]],
    ['Ogg of nothing', 'audio/ogg', () => [Buffer.from('OggS'), Buffer.alloc(100_000)]],
    ['sound of another kind', 'audio/flac', () => [Buffer.from('fLaC\0\0\0\x22')]],
    ['sound without a header', 'audio/pcm', () => [new Uint8Array(talk.buffer)]],
  ])('refuses %s and closes it', async (_, type, make) => {
    const { seen, body } = watched([...make(), ...make()]);
    await expect(openSpeech(body, type)).rejects.toMatchObject({ name: 'NotAudioError' });
    const left = await body.next();
    expect(left.done).toBe(true);
    expect(seen.isClosed || seen.read === 0).toBe(true);
  });

  test('what breaks the body breaks the sound, untouched', async () => {
    const reason = new Error('The line went dead');
    async function* body() {
      yield wav.subarray(0, 4000);
      throw reason;
    }
    await expect(collect(await openSpeech(body(), 'audio/wav'))).rejects.toBe(reason);
  });
});

describe('openSound', () => {
  test('hands on the packets of Ogg Opus, the first with the first bytes', async () => {
    const pieces = Array.from({ length: 20 }, (_, at) => ogg.subarray(at * 700, (at + 1) * 700));
    const { seen, body } = watched(pieces);
    const sound = await openSound(body, 'audio/ogg');
    expect(seen.read).toBe(1);
    if (sound.kind !== 'opus') throw new Error('It was decoded');
    for await (const packet of sound.packets) {
      expect(Buffer.from(ogg).includes(Buffer.from(packet))).toBe(true);
      break;
    }
    expect(seen.isClosed).toBe(true);
  });

  test('opens all else as samples', async () => {
    for (const bytes of [wav, mp3]) {
      const sound = await openSound(stream([bytes]), 'audio/any');
      if (sound.kind !== 'pcm') throw new Error('It was no sound');
      expect(alike(await collect(sound), talk)).toBeGreaterThan(0.95);
    }
  });

  test.each([
    ['Ogg that goes no further', () => ogg.subarray(0, 200)],
    ['nothing', () => new Uint8Array(0)],
  ])('refuses %s and closes it', async (_, make) => {
    const { seen, body } = watched([make(), make()]);
    await expect(openSound(body, 'audio/ogg')).rejects.toMatchObject({ name: 'NotAudioError' });
    expect(seen.isClosed).toBe(true);
  });
});
