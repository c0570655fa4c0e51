import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writeWav } from '../src/audio/wav.ts';
import { startVenice, type Venice } from './venice/server.ts';

const KOKORO = 'tts-kokoro';
const CHATTERBOX = 'tts-chatterbox-hd';
const SPOKEN = { model: KOKORO, input: 'Hello.', voice: 'af_sky', response_format: 'mp3' };

describe('what Venice says of calls beyond its document', () => {
  let venice: Venice;
  let before: number;
  beforeAll(async () => {
    venice = await startVenice();
  });
  beforeEach(() => {
    before = venice.violations.list.length;
  });
  afterAll(() => venice[Symbol.asyncDispose]());

  /** The rules that were broken in this test; the document's own have a test of their own. */
  const broken = () =>
    venice.violations.list
      .slice(before)
      .map(({ rule }) => rule)
      .filter((rule) => rule !== 'rest');

  async function call(path: string, init: RequestInit, key = venice.keys.inference) {
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${key}`);
    const response = await fetch(`${venice.url}${path}`, { ...init, method: 'POST', headers });
    await response.arrayBuffer();
    return response.status;
  }
  const speak = (json: object, key?: string) => {
    const headers = { 'content-type': 'application/json' };
    return call('/audio/speech', { headers, body: JSON.stringify({ ...SPOKEN, ...json }) }, key);
  };
  const upload = (filename: string, type: string) => {
    const wav = writeWav({ sampleRate: 24_000, samples: new Int16Array(24_000 * 12) });
    const body = new FormData();
    body.set('model', CHATTERBOX);
    body.set('file', new Blob([wav], { type }), filename);
    return call('/audio/voices', { body });
  };

  test('what is right breaks none', async () => {
    expect(await speak({})).toBe(200);
    expect(await upload('sample.wav', 'audio/wav')).toBe(200);
    expect(broken()).toEqual([]);
  });

  test.each([
    ['venice model', { model: undefined }],
    ['venice model', { model: 'tts-of-nobody' }],
    ['venice input', { input: ' ' }],
    ['venice format', { model: CHATTERBOX, voice: undefined, response_format: 'opus' }],
    ['venice parameter', { temperature: 1 }],
    ['venice parameter', { language: 'Klingon' }],
    ['venice voice', { voice: 'nobody' }],
  ])('%s is held', async (rule, wrong) => {
    expect(await speak(wrong)).toBeGreaterThanOrEqual(400);
    expect(broken()).toEqual([rule]);
  });

  test('a handle is used with the model that it was made for', async () => {
    await upload('sample.wav', 'audio/wav');
    await speak({ voice: [...venice.handles.keys()].at(-1) });
    expect(broken()).toEqual(['venice voice']);
  });

  test('a key is one of the account', async () => {
    await speak({}, 'another');
    expect(broken()).toEqual(['venice key']);
  });

  test.each([
    ['sample.mp3', 'audio/wav'],
    ['sample.wav', 'audio/mpeg'],
    ['sample', ''],
  ])('a sample is not sent as %s, %s', async (filename, type) => {
    await upload(filename, type);
    expect(broken()).toEqual(['venice sample']);
  });

  test('who was told to wait waits', async () => {
    venice.overload(KOKORO, 500, 'reset');
    await speak({});
    expect(broken()).toEqual([]);
    await speak({});
    expect(broken()).toEqual(['venice rate']);
    await sleep(500);
    await speak({});
    expect(broken()).toEqual(['venice rate']);
  });

  test('a model is not called after its date', async () => {
    venice.retire(KOKORO, Date.now() - 1);
    await speak({});
    venice.retire(KOKORO, undefined);
    expect(broken()).toEqual(['venice retired']);
  });

  test('thirteen client errors are one too many', async () => {
    venice.advance(60_000);
    venice.faults.add('/audio/speech', { kind: 'status', status: 422 }, 13);
    for (let time = 0; time < 12; time += 1) await speak({});
    expect(broken()).toEqual([]);
    await speak({});
    expect(broken()).toEqual(['venice failures']);
  });
});
