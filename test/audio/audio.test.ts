import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Decoder } from '@evan/opus';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileFfmpeg } from '../../src/audio/ffmpeg-module.ts';
import { createSampleIntake, type SampleIntake } from '../../src/audio/intake.ts';
import { NotAudioError } from '../../src/audio/not-audio-error.ts';
import { openSpeech } from '../../src/audio/open-speech.ts';
import { encodeOpus } from '../../src/audio/opus-encoder.ts';
import { openWav, writeWav } from '../../src/audio/wav.ts';
import { drawWaveform } from '../../src/audio/waveform.ts';
import { halfRate, likeness } from '../e2e/sound.ts';
import { READING } from '../e2e/stage.ts';
import { type Converter, createConverter } from '../venice/sound.ts';
import { createSynthesis, joinSamples, SAMPLE_RATE } from '../venice/synthesis.ts';

let converter: Converter;
let intake: SampleIntake;
let speech: Int16Array;

beforeAll(async () => {
  converter = await createConverter();
  intake = createSampleIntake({ module: await compileFfmpeg() });
  speech = (await createSynthesis()).speak(READING, { voice: 'ada' });
});
afterAll(async () => {
  await converter[Symbol.asyncDispose]();
  await intake[Symbol.asyncDispose]();
});

const read = (bytes: Uint8Array, minSeconds = 5) =>
  intake.read(bytes, { minSeconds, signal: AbortSignal.timeout(20_000) });
const wav = (samples: Int16Array, args: readonly string[] = ['-f', 'wav']) =>
  converter.fromPcm({ sampleRate: SAMPLE_RATE, samples }, args);
const silence = (seconds: number) => new Int16Array(SAMPLE_RATE * seconds);

describe('SampleIntake', () => {
  test('silence around speech is cut, long pauses are shortened, and it says so', async () => {
    const { wav: sample, measured } = await read(
      await wav(joinSamples([silence(6), speech, silence(5), speech, silence(6)])),
    );
    expect(measured.originalSeconds).toBeGreaterThan(38);
    expect(measured.seconds).toBeLessThan(25);
    expect(measured.warnings).toContain('silences');
    expect((sample.byteLength - 44) / 2 / SAMPLE_RATE).toBeCloseTo(measured.seconds, 2);
  });

  test('of a long recording the best minute is used', async () => {
    const long = joinSamples(Array.from({ length: 9 }, () => speech));
    const { measured } = await read(await wav(long));
    expect(measured.seconds).toBe(60);
    expect(measured.warnings).toContain('trimmed');
  });

  test('channels that cancel each other out do not make silence', async () => {
    const { measured } = await read(
      await wav(speech, ['-af', 'pan=stereo|c0=c0|c1=-1*c0', '-f', 'wav']),
    );
    expect(measured.warnings).toContain('phase');
    expect(measured.seconds).toBeGreaterThan(10);
  });

  test('telephone quality and a short recording are mentioned', async () => {
    const { measured } = await read(
      await wav(speech.slice(0, SAMPLE_RATE * 8), ['-ar', '8000', '-f', 'wav']),
    );
    expect(measured.warnings).toEqual(expect.arrayContaining(['telephone', 'short']));
  });

  test('names, places and covers inside a file do not reach the provider', async () => {
    const tagged = await wav(speech, [
      '-metadata',
      'title=MARKER-OF-A-TAG',
      '-metadata',
      'location=+48.1+011.5',
      '-c:a',
      'aac',
      '-f',
      'ipod',
    ]);
    expect(Buffer.from(tagged).toString('latin1')).toContain('MARKER-OF-A-TAG');
    const { wav: sample } = await read(tagged);
    expect(Buffer.from(sample).toString('latin1')).not.toMatch(/MARKER-OF-A-TAG|LIST|Lavf/);
  });

  test('a bomb of hours is capped, and uploads wait for each other', async () => {
    const bomb = await converter.convert(
      await wav(silence(1)),
      ['-stream_loop', '20000', '-f', 'wav'],
      ['-f', 'flac'],
    );
    const startedAt = performance.now();
    const results = await Promise.allSettled([read(bomb), read(await wav(speech))]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  test('an abort ends it with its own reason', async () => {
    const controller = new AbortController();
    const reading = intake.read(await wav(speech), { minSeconds: 5, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
  });

  test('the main thread stays free meanwhile', async () => {
    const bytes = await wav(joinSamples([speech, speech, speech]), ['-c:a', 'aac', '-f', 'ipod']);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    await read(bytes);
    delay.disable();
    expect(delay.percentile(50) / 1e6).toBeLessThan(50);
  });
});

describe('openWav', () => {
  const file = () => Buffer.from(writeWav({ sampleRate: SAMPLE_RATE, samples: speech }));
  async function* cut(bytes: Buffer, sizes: () => number) {
    for (let offset = 0; offset < bytes.byteLength; ) {
      const size = Math.max(1, sizes());
      yield bytes.subarray(offset, offset + size);
      offset += size;
    }
  }
  const readAll = async (bytes: Buffer, sizes: () => number) => {
    const { chunks } = await openWav(cut(bytes, sizes));
    return joinSamples(await Array.fromAsync(chunks));
  };

  test('however it is cut, every sample arrives once', async () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed;
    };
    for (const most of [3, 50, 5000, 100_000])
      expect(await readAll(file(), () => random() % most)).toEqual(speech);
  });

  test.each([0, 0xffff_ffff, 0x7fff_ffff])(
    'a placeholder of %i for its length is not believed',
    async (length) => {
      const bytes = file();
      bytes.writeUInt32LE(length, 40);
      expect(await readAll(bytes, () => 4096)).toEqual(speech);
    },
  );

  test('chunks before and after the sound are passed over', async () => {
    const bytes = file();
    const extra = Buffer.concat([
      Buffer.from('LIST'),
      Buffer.from([5, 0, 0, 0]),
      Buffer.from('hello\0'),
    ]);
    const padded = Buffer.concat([bytes.subarray(0, 36), extra, bytes.subarray(36), extra]);
    expect(await readAll(padded, () => 1000)).toEqual(speech);
  });

  test('what is no 16-bit sound is refused', async () => {
    const float = file();
    float.writeUInt16LE(3, 20);
    await expect(readAll(float, () => 1000)).rejects.toThrow(NotAudioError);
    await expect(readAll(Buffer.from('{"error":"no"} and more of it'), () => 5)).rejects.toThrow(
      NotAudioError,
    );
    await expect(readAll(file().subarray(0, 30), () => 5)).rejects.toThrow(NotAudioError);
  });
});

describe('openSpeech and encodeOpus', () => {
  async function* inPieces(bytes: Uint8Array, size = 1500) {
    for (let offset = 0; offset < bytes.byteLength; offset += size)
      yield bytes.subarray(offset, offset + size);
  }
  const hear = (packets: readonly Uint8Array[]) => {
    const decoder = new Decoder({ channels: 1, sample_rate: 48_000 });
    return joinSamples(
      packets.map((packet) => {
        const bytes = decoder.decode(packet);
        return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2).slice();
      }),
    );
  };

  test.each([
    ['audio/wav', ['-f', 'wav']],
    ['audio/mpeg', ['-c:a', 'libmp3lame', '-b:a', '64k', '-f', 'mp3']],
    ['audio/mpeg', ['-ar', '44100', '-c:a', 'libmp3lame', '-b:a', '128k', '-f', 'mp3']],
    [
      'audio/mpeg; charset=binary',
      ['-ar', '32000', '-c:a', 'libmp3lame', '-b:a', '96k', '-f', 'mp3'],
    ],
  ])('%s %j becomes 20 ms packets that sound the same', async (type, args) => {
    const stream = await openSpeech(inPieces(await wav(speech, args)), type);
    const packets = await Array.fromAsync(encodeOpus(stream));
    const seconds = speech.length / SAMPLE_RATE;
    expect(packets.length * 0.02).toBeGreaterThanOrEqual(seconds);
    expect(packets.length * 0.02).toBeLessThan(seconds + 0.2);
    expect(likeness(halfRate(hear(packets)), speech)).toBeGreaterThan(0.85);
  });

  test.each([
    ['application/json', '{}'],
    ['audio/mpeg', 'not an mp3 at all, only words '.repeat(5000)],
    ['audio/wav', ''],
    ['audio/mpeg', ''],
  ])('%s of nonsense is refused', async (type, body) => {
    await expect(
      openSpeech(inPieces(Buffer.from(body)), type).then(({ chunks }) => Array.fromAsync(chunks)),
    ).rejects.toThrow(NotAudioError);
  });
});

test('drawWaveform is as long as the sound, within what Discord takes, and follows its loudness', () => {
  const loudThenQuiet = Int16Array.from({ length: SAMPLE_RATE * 2 }, (_, index) => {
    const level = index < SAMPLE_RATE ? 10_000 : 1_000;
    return level * Math.sin(index / 5);
  });
  const bars = Buffer.from(
    drawWaveform({ sampleRate: SAMPLE_RATE, samples: loudThenQuiet }),
    'base64',
  );
  expect(bars).toHaveLength(20);
  expect(bars[5]).toBeGreaterThan(200);
  expect(bars[15]).toBeLessThan(60);
  const long = drawWaveform({ sampleRate: SAMPLE_RATE, samples: silence(600) });
  expect(Buffer.from(long, 'base64')).toHaveLength(256);
});
