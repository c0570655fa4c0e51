import { afterAll, beforeAll, expect, test } from 'vitest';
import { measureMp3 } from '../../src/audio/measure-mp3.ts';
import { createRecordings, type Recordings } from './recordings.ts';

let recordings: Recordings;
beforeAll(async () => {
  recordings = await createRecordings();
});
afterAll(() => recordings[Symbol.asyncDispose]());

test.each([
  ['at a steady rate', ['-b:a', '64k']],
  ['at a changing rate', ['-q:a', '4']],
  ['of the first kind of MPEG, with padding', ['-ar', '44100', '-b:a', '128k']],
  ['in stereo', ['-ac', '2', '-b:a', '320k', '-ar', '48000']],
  ['of the third kind, at 8 kHz', ['-ar', '8000', '-b:a', '16k']],
])('measureMp3 measures an mp3 %s', async (_, args) => {
  const tagged = [...args, '-metadata', 'comment=ÿþÿû and more', '-f', 'mp3'];
  const mp3 = await recordings.encode(recordings.talk(3), tagged);
  expect(measureMp3(mp3).seconds).toBeGreaterThan(3);
  expect(measureMp3(mp3).seconds).toBeLessThan(3.3);
  expect(measureMp3(mp3).channels).toBe(args.includes('-ac') ? 2 : 1);
});

test('measureMp3 finds none in what is no mp3, and in a header without its frame', () => {
  expect(measureMp3(Buffer.from('this is no mp3, whatever it is called')).seconds).toBe(0);
  expect(measureMp3(new Uint8Array(0)).seconds).toBe(0);
  expect(measureMp3(Uint8Array.of(0xff, 0xfb, 0x90)).seconds).toBe(0);
});
