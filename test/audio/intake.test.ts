import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFfmpegModule } from '../../src/audio/ffmpeg-module.ts';
import { createSampleIntake, type Intake, type SampleIntake } from '../../src/audio/intake.ts';
import { levelOf } from '../../src/audio/measure.ts';
import { SAMPLE_RATE } from '../venice/synthesis.ts';
import {
  alike,
  createRandom,
  createRecordings,
  hugePng,
  join,
  louder,
  noise,
  type Recordings,
  silence,
  withCover,
} from './recordings.ts';

const MIN_SECONDS = 5;
const TALK_SECONDS = 11;

let recordings: Recordings;
let intake: SampleIntake;
let talk: Int16Array;

beforeAll(async () => {
  recordings = await createRecordings();
  intake = createSampleIntake({ ffmpeg: createFfmpegModule() });
  talk = recordings.talk(TALK_SECONDS);
});
afterAll(async () => {
  await intake[Symbol.asyncDispose]();
  await recordings[Symbol.asyncDispose]();
});

const read = (bytes: Uint8Array, minSeconds = MIN_SECONDS): Promise<Intake> =>
  intake.read(new Uint8Array(bytes), { minSeconds, signal: AbortSignal.timeout(20_000) });

/** What is in a WAV of exactly the shape the provider is promised. */
function samplesOf({ wav }: Pick<Intake, 'wav'>): Int16Array {
  const file = Buffer.from(wav);
  expect(file.toString('latin1', 0, 4)).toBe('RIFF');
  expect(file.readUInt32LE(4)).toBe(file.byteLength - 8);
  expect(file.toString('latin1', 8, 16)).toBe('WAVEfmt ');
  expect(file.readUInt16LE(20)).toBe(1);
  expect(file.readUInt16LE(22)).toBe(1);
  expect(file.readUInt32LE(24)).toBe(24_000);
  expect(file.readUInt16LE(34)).toBe(16);
  expect(file.toString('latin1', 36, 40)).toBe('data');
  expect(file.readUInt32LE(40)).toBe(file.byteLength - 44);
  return new Int16Array(wav.slice(44).buffer);
}

function expectTalk(taken: Intake): void {
  const samples = samplesOf(taken);
  expect(samples.length / SAMPLE_RATE).toBeGreaterThan(TALK_SECONDS * 0.98);
  expect(samples.length / SAMPLE_RATE).toBeLessThan(TALK_SECONDS * 1.02);
  expect(taken.measured.seconds).toBeCloseTo(samples.length / SAMPLE_RATE, 5);
  expect(alike(samples, talk)).toBeGreaterThan(0.9);
}

describe('a sample in any container', () => {
  test.each<readonly [string, readonly string[]]>([
    ['wav', ['-f', 'wav']],
    ['wav of 24 bits in stereo', ['-c:a', 'pcm_s24le', '-ar', '48000', '-ac', '2', '-f', 'wav']],
    ['wav of floats', ['-c:a', 'pcm_f32le', '-f', 'wav']],
    ['mp3', ['-c:a', 'libmp3lame', '-ar', '44100', '-ac', '2', '-f', 'mp3']],
    ['mp3 without a tag', ['-c:a', 'libmp3lame', '-id3v2_version', '0', '-f', 'mp3']],
    ['flac', ['-f', 'flac']],
    ['m4a', ['-c:a', 'aac', '-ar', '44100', '-f', 'ipod']],
    ['m4a, index first', ['-c:a', 'aac', '-movflags', '+faststart', '-f', 'ipod']],
    ['m4a, lossless', ['-c:a', 'alac', '-f', 'ipod']],
    ['mov', ['-c:a', 'pcm_s16be', '-f', 'mov']],
    ['3gp', ['-c:a', 'aac', '-f', '3gp']],
    ['ogg, as Discord records', ['-c:a', 'libopus', '-ar', '48000', '-f', 'ogg']],
    ['ogg vorbis', ['-c:a', 'libvorbis', '-ar', '44100', '-f', 'ogg']],
    ['webm', ['-c:a', 'libopus', '-ar', '48000', '-f', 'webm']],
    ['aac', ['-c:a', 'aac', '-f', 'adts']],
    ['caf', ['-c:a', 'alac', '-f', 'caf']],
  ])('%s', async (_, args) => {
    expectTalk(await read(await recordings.encode(talk, args)));
  });

  test.each<readonly [string, readonly string[]]>([
    ['mp4', ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-f', 'mp4']],
    ['webm', ['-c:v', 'libvpx', '-c:a', 'libopus', '-ar', '48000', '-f', 'webm']],
  ])('the sound of a film in %s', async (_, args) => {
    expectTalk(await read(await recordings.film(talk, args)));
  });

  test('amr', async () => {
    // No encoder is at hand, but frames of anything are some sound.
    const random = createRandom(5);
    const frame = () =>
      Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 0x3c : at < 12 ? random() * 256 : 0));
    const frames = Array.from({ length: 400 }, frame);
    const { measured } = await read(Buffer.concat([Buffer.from('#!AMR\n'), ...frames]));
    expect(measured.originalSeconds).toBeCloseTo(8, 1);
    expect(measured.warnings).toContain('telephone');
  });

  test('a picture in its tag is not even looked at', async () => {
    const mp3 = await recordings.encode(talk, ['-c:a', 'libmp3lame', '-f', 'mp3']);
    expectTalk(await read(withCover(mp3, hugePng(15_000))));
  });

  test('where and by whom it was recorded does not leave with it', async () => {
    const tags = ['-metadata', 'location=+48.8584+002.2945/', '-metadata', 'title=Secret place'];
    const bytes = await recordings.encode(talk, ['-c:a', 'aac', ...tags, '-f', 'mov']);
    expect(Buffer.from(bytes).includes('48.8584')).toBe(true);
    expectTalk(await read(bytes));
  });

  test('a WAV that claims four gigabytes counts for what it holds', async () => {
    const bytes = Buffer.from(await recordings.wav(talk));
    bytes.writeUInt32LE(0xffff_fff0, 4);
    bytes.writeUInt32LE(0xffff_ff00, bytes.indexOf('data') + 4);
    expectTalk(await read(bytes));
  });
});

test('a small file of many channels at a high rate is looked at for as long as any other takes', async () => {
  const eight = 'pan=7.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0|c6=c0|c7=c0';
  const bytes = await recordings.encode(recordings.talk(25), [
    ...['-af', eight, '-ar', '192000', '-compression_level', '0', '-f', 'flac'],
  ]);
  const { measured } = await read(bytes);
  expect(measured.originalSeconds).toBeCloseTo((300 * 48_000 * 2) / (192_000 * 8), 1);
});

test('what the first recording would wait for is compiled once, before it comes', async () => {
  let compiled = 0;
  const ffmpeg = createFfmpegModule();
  await using warmed = createSampleIntake({
    ffmpeg() {
      compiled += 1;
      return ffmpeg();
    },
  });
  await Promise.all([warmed.warmUp(), warmed.warmUp()]);
  expect(compiled).toBe(1);
  await warmed.warmUp();
  expect(compiled).toBe(1);
});

test('what cannot be made ready is told by the next recording', async () => {
  const broken = createSampleIntake({ ffmpeg: () => Promise.reject(new Error('No FFmpeg')) });
  await broken.warmUp();
  const bytes = new Uint8Array(await recordings.wav(talk));
  await expect(
    broken.read(bytes, { minSeconds: MIN_SECONDS, signal: AbortSignal.timeout(20_000) }),
  ).rejects.toThrow('No FFmpeg');
});

describe('what is measured and done', () => {
  test('a good recording gets no warning and a sane level', async () => {
    const taken = await read(await recordings.wav(louder(talk, -12)));
    expect(taken.measured.warnings).toEqual([]);
    expect(taken.measured.loudnessLufs).toBeLessThan(-25);
    const samples = samplesOf(taken);
    const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(20 * Math.log10(peak / 32_768)).toBeLessThan(-1);
    const { measured } = await read(taken.wav);
    expect(Math.abs(measured.loudnessLufs + 20)).toBeLessThan(1.5);
  });

  test('a quiet one is made louder, and told so', async () => {
    const taken = await read(await recordings.wav(louder(talk, -25)));
    expect(taken.measured.warnings).toEqual(['quiet']);
    expect((await read(taken.wav)).measured.loudnessLufs).toBeGreaterThan(-22);
    expectTalk(taken);
  });

  test('five seconds are enough, also with a breath at both ends', async () => {
    const { measured } = await read(await recordings.wav(recordings.talk(5)));
    expect(measured).toMatchObject({ seconds: 5, warnings: ['short'] });
    const breath = join(silence(0.4), recordings.talk(4.2), silence(0.4));
    expect((await read(await recordings.wav(breath))).measured.seconds).toBeCloseTo(5, 1);
  });

  test('silence goes from both ends and out of long pauses', async () => {
    const [one, two] = [talk.slice(0, 5 * SAMPLE_RATE), talk.slice(5 * SAMPLE_RATE)];
    const bytes = await recordings.wav(join(silence(3), one, silence(4), two, silence(5)));
    const { measured } = await read(bytes);
    expect(measured.warnings).toEqual(['silences']);
    expect(measured.originalSeconds).toBeCloseTo(TALK_SECONDS + 12, 1);
    expect(measured.seconds).toBeGreaterThan(TALK_SECONDS);
    expect(measured.seconds).toBeLessThan(TALK_SECONDS + 1);
    expect(measured.silenceShare).toBeGreaterThan(0.5);
  });

  test('also where the pauses are not silent but full of hum', async () => {
    const sound = join(silence(3), talk, silence(5));
    const hum = noise(sound.length / SAMPLE_RATE, 60);
    const bytes = await recordings.wav(sound.map((value, at) => value + (hum[at] ?? 0)));
    expect((await read(bytes)).measured.seconds).toBeLessThan(TALK_SECONDS + 1);
  });

  test('the best minute of a long one is used', async () => {
    const long = join(noise(20, 3), recordings.talk(70), silence(1));
    const taken = await read(await recordings.wav(long));
    expect(taken.measured).toMatchObject({ seconds: 60, warnings: ['trimmed', 'silences'] });
    expect(levelOf(samplesOf(taken))).toBeGreaterThan(-30);
  });

  test('noise behind the voice is told', async () => {
    const din = noise(TALK_SECONDS, 4000);
    const bytes = await recordings.wav(talk.map((value, at) => (value >> 1) + (din[at] ?? 0)));
    expect((await read(bytes)).measured.warnings).toContain('noisy');
  });

  test('telephone quality is told', async () => {
    const bytes = await recordings.encode(talk, ['-ar', '8000', '-c:a', 'pcm_mulaw', '-f', 'wav']);
    expect((await read(bytes)).measured.warnings).toEqual(['telephone']);
  });

  test('slight distortion is told', async () => {
    const { measured } = await read(await recordings.wav(louder(talk, 5)));
    expect(measured.warnings).toEqual(['clipped']);
    expect(measured.clipRunsPerSecond).toBeGreaterThan(2);
  });

  test('two channels that cancel each other out: one of them is used', async () => {
    const bytes = await recordings.encode(talk, [
      ...['-af', 'aformat=channel_layouts=stereo,pan=stereo|c0=c0|c1=-1*c1'],
      ...['-f', 'wav'],
    ]);
    const taken = await read(bytes);
    expect(taken.measured.warnings).toEqual(['phase']);
    expectTalk(taken);
  });
});
