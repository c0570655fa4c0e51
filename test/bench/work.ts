import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFfmpegModule } from '../../src/audio/ffmpeg-module.ts';
import { createSampleIntake } from '../../src/audio/intake.ts';
import type { Pcm, PcmStream } from '../../src/audio/pcm.ts';
import { createSpeechFiles, type FileFormat } from '../../src/audio/speech-file.ts';
import { collectPcm } from '../../src/speech/collect.ts';
import { createLeveling } from '../../src/speech/leveling.ts';
import { encodeFile } from '../../src/speech/make-file.ts';
import { createConverter } from '../venice/sound.ts';
import { joinSamples, loadSynthesis, SAMPLE_RATE } from '../venice/synthesis.ts';
import { STOCK } from './voice.ts';

const SECONDS = 30;
const SENTENCE = 'The quick brown fox jumps over the lazy dog, again and again and again. ';

export interface WorkResult {
  readonly ms: number;
  /** How late the main loop was at its latest in a thousand times, in milliseconds. */
  readonly loopDelay: number;
}

/** Half a minute of speech made into files, and taken in as a recording, each warm. */
export async function measureWork(): Promise<{
  idle: number;
  files: Readonly<Record<'mp3' | 'ogg', WorkResult>>;
  intake: WorkResult;
}> {
  const ffmpeg = createFfmpegModule();
  await using files = createSpeechFiles({ ffmpeg });
  await using intake = createSampleIntake({ ffmpeg });
  const synthesis = await loadSynthesis();
  const sentence = synthesis.speak(SENTENCE);
  const times = Math.ceil((SECONDS * SAMPLE_RATE) / sentence.length);
  const samples = joinSamples(Array.from({ length: times }, () => sentence));
  const pcm = { sampleRate: SAMPLE_RATE, samples: samples.subarray(0, SECONDS * SAMPLE_RATE) };
  const m4a = await withConverter(pcm);
  const { signal } = new AbortController();

  const leveling = createLeveling();
  const making = { files, id: 'bench', signal };
  // All that a line goes through once its sound is here.
  const encode = async (format: FileFormat) =>
    await encodeFile(await leveling.whole(await collectPcm(inPieces(pcm)), STOCK), format, making);
  const read = () => intake.read(new Uint8Array(m4a), { minSeconds: 5, signal });
  for (const format of ['mp3', 'ogg'] as const) await encode(format);
  await read();
  return {
    idle: (await timed(() => sleep(1000))).loopDelay,
    files: { mp3: await timed(() => encode('mp3')), ogg: await timed(() => encode('ogg')) },
    intake: await timed(read),
  };
}

/** As it is read from the provider's body, a fifth of a second at a time. */
function inPieces({ sampleRate, samples }: Pcm): PcmStream {
  async function* chunks() {
    for (let from = 0; from < samples.length; from += sampleRate / 5)
      yield samples.slice(from, from + sampleRate / 5);
  }
  return { sampleRate, chunks: chunks() };
}

async function withConverter(pcm: { sampleRate: number; samples: Int16Array }) {
  await using converter = await createConverter();
  return await converter.fromPcm(pcm, ['-c:a', 'aac', '-f', 'ipod']);
}

async function timed(work: () => Promise<unknown>): Promise<WorkResult> {
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const startedAt = performance.now();
  await work();
  const ms = performance.now() - startedAt;
  loop.disable();
  return { ms, loopDelay: loop.percentile(99.9) / 1e6 };
}
