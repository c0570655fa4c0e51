import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFfmpegModule } from '../../src/audio/ffmpeg-module.ts';
import { createSampleIntake, type SampleIntake } from '../../src/audio/intake.ts';
import { SAMPLE_RATE } from '../venice/synthesis.ts';
import {
  createRandom,
  createRecordings,
  join,
  louder,
  type Recordings,
  silence,
} from './recordings.ts';

const MIN_SECONDS = 5;

let recordings: Recordings;
let intake: SampleIntake;

beforeAll(async () => {
  recordings = await createRecordings();
  intake = createSampleIntake({ ffmpeg: createFfmpegModule() });
});
afterAll(async () => {
  await intake[Symbol.asyncDispose]();
  await recordings[Symbol.asyncDispose]();
});

const read = (bytes: Uint8Array, signal = AbortSignal.timeout(20_000)) =>
  intake.read(new Uint8Array(bytes), { minSeconds: MIN_SECONDS, signal });

/** A WAV with some of its header written over. */
async function spoiltWav(spoil: (wav: Buffer) => void): Promise<Buffer> {
  const wav = Buffer.from(await recordings.wav(recordings.talk(11)));
  spoil(wav);
  return wav;
}

const mp3 = (seconds: number) =>
  recordings.encode(recordings.talk(seconds), ['-c:a', 'libmp3lame', '-b:a', '64k', '-f', 'mp3']);

describe('a sample is refused', () => {
  test.each<readonly [string, object, () => Promise<Uint8Array>]>([
    [
      'when it is a bit too short',
      { code: 'E_AUDIO_SHORT', seconds: 4.9, minSeconds: MIN_SECONDS },
      () => recordings.wav(recordings.talk(4.9)),
    ],
    [
      'when too little of it is speech',
      { code: 'E_AUDIO_SHORT' },
      () => recordings.wav(join(silence(2), recordings.talk(3), silence(2))),
    ],
    [
      'when an mp3 is cut short',
      { code: 'E_AUDIO_SHORT' },
      async () => (await mp3(11)).slice(0, 20_000),
    ],
    ['when it is silent', { code: 'E_AUDIO_SILENT' }, () => recordings.wav(silence(10))],
    [
      'when it is almost silent',
      { code: 'E_AUDIO_SILENT' },
      () => recordings.wav(louder(recordings.talk(11), -34)),
    ],
    [
      'when it is mostly silence',
      { code: 'E_AUDIO_SILENT' },
      () => recordings.wav(join(silence(20), recordings.talk(2), silence(8))),
    ],
    [
      'when it is silence for ten hours, without decoding them',
      { code: 'E_AUDIO_SILENT' },
      () =>
        recordings.converter.convert(
          new Uint8Array(1),
          ['-f', 'lavfi', '-i', 'anullsrc=r=1000:cl=mono', '-f', 's8'],
          ['-map', '0:a', '-t', '36000', '-frame_size', '65535', '-f', 'flac'],
        ),
    ],
    [
      'when it is distorted',
      { code: 'E_AUDIO_CLIPPED' },
      () => recordings.wav(louder(recordings.talk(11), 24)),
    ],
    [
      'when it is distorted, and a lossy codec has hidden the flat tops',
      { code: 'E_AUDIO_CLIPPED' },
      () => recordings.encode(louder(recordings.talk(11), 24), ['-c:a', 'libmp3lame', '-f', 'mp3']),
    ],
    [
      'when it is a film without sound',
      { code: 'E_AUDIO_NONE' },
      () =>
        recordings.converter.convert(
          new Uint8Array(64 * 64 * 30),
          ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', '64x64'],
          ['-c:v', 'mpeg4', '-f', 'mp4'],
        ),
    ],
    [
      'when it has a rate of zero',
      { code: 'E_AUDIO_DECODE' },
      () => spoiltWav((wav) => wav.writeUInt32LE(0, 24)),
    ],
    [
      'when it has a thousand channels',
      { code: 'E_AUDIO_DECODE' },
      () => spoiltWav((wav) => wav.writeUInt16LE(1000, 22)),
    ],
    [
      'when its rate is four billion',
      { code: 'E_AUDIO_DECODE' },
      () => spoiltWav((wav) => wav.writeUInt32LE(0xffff_ffff, 24)),
    ],
    [
      'when there is only a header',
      { code: 'E_AUDIO_DECODE' },
      () => spoiltWav((wav) => wav).then((wav) => wav.subarray(0, 44)),
    ],
    [
      'when an m4a ends before its index',
      { code: 'E_AUDIO_DECODE' },
      async () =>
        (await recordings.encode(recordings.talk(11), ['-c:a', 'aac', '-f', 'ipod'])).slice(
          0,
          9000,
        ),
    ],
    [
      'when its codec is for pictures',
      { code: 'E_AUDIO_DECODE' },
      () => spoiltWav((wav) => wav.writeUInt16LE(0xfffd, 20)),
    ],
    [
      'when nothing but its first bytes are an mp3',
      { code: 'E_AUDIO_DECODE' },
      async () => {
        const random = createRandom(7);
        const junk = Uint8Array.from({ length: 30_000 }, () => random() * 256);
        return Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0xc4]), junk]);
      },
    ],
    ['when it is empty', { code: 'E_ATT_EMPTY' }, async () => new Uint8Array(0)],
    [
      'when it is a script for the decoder',
      { code: 'E_ATT_TYPE' },
      async () => Buffer.from("ffconcat version 1.0\nfile 'input'\n"),
    ],
  ])('%s', async (_, problem, make) => {
    const bytes = await make();
    const startedAt = performance.now();
    await expect(read(bytes)).rejects.toMatchObject({ name: 'UserError', problem });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  test('damage anywhere ends in a sample or a refusal, never in a crash', async () => {
    const random = createRandom(42);
    const whole = await recordings.encode(recordings.talk(6), ['-c:a', 'aac', '-f', 'ipod']);
    for (let round = 0; round < 8; round += 1) {
      const bytes = Uint8Array.from(whole);
      for (let hit = 0; hit < 40; hit += 1)
        bytes[Math.floor(random() ** 3 * bytes.length)] = Math.floor(random() * 256);
      const result = await read(bytes).catch((error: unknown) => error);
      expect(result).toSatisfy(
        (it: object) => 'wav' in it || ('name' in it && it.name === 'UserError'),
      );
    }
  });
});

describe('createSampleIntake', () => {
  test('an abort ends the decoding with the reason given, and the next one is served', async () => {
    const bytes = await recordings.wav(recordings.talk(60));
    const stop = new AbortController();
    const reason = new Error('The member cancelled');
    const reading = read(bytes, stop.signal);
    setTimeout(() => stop.abort(reason), 30);
    await expect(reading).rejects.toBe(reason);
    const { measured } = await read(await recordings.wav(recordings.talk(6)));
    expect(measured.seconds).toBeCloseTo(6, 0);
  });

  test('uploads at once are all answered, and the bytes stay the caller’s', async () => {
    const bytes = await recordings.wav(recordings.talk(6));
    const before = Buffer.from(bytes);
    const taken = await Promise.all([read(bytes), read(bytes), read(bytes)]);
    for (const { wav } of taken) expect(Buffer.compare(wav, taken[0]?.wav ?? bytes)).toBe(0);
    expect(Buffer.compare(bytes, before)).toBe(0);
    expect(bytes.byteLength).toBeGreaterThan(6 * SAMPLE_RATE * 2);
  });
});
