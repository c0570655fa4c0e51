import { parentPort, workerData } from 'node:worker_threads';
import { type FfmpegCore, loadFfmpeg } from './ffmpeg-core.ts';
import { levelSample } from './gain.ts';
import type { IntakeJob, IntakeResult } from './intake.ts';
import { frameLevels, type Measurements, roughSnr, type Warning } from './measure.ts';
import { type Trimmed, trimSample } from './trim.ts';
import { writeWav } from './wav.ts';

/** One upload, decoded, measured and cleaned; all the heavy work, and all that touches its bytes. */
const SAMPLE_RATE = 24_000;
/** Nothing beyond five minutes is looked at; the best minute of it is used. */
const MAX_SECONDS = 300;
const MAX_OUTPUT_BYTES = (MAX_SECONDS + 1) * SAMPLE_RATE * 2;
/** Only sound is ever decoded: neither covers nor film. */
const CODECS =
  'aac,aac_latm,alac,flac,mp3,mp3float,mp2,opus,libopus,vorbis,libvorbis,speex,amrnb,amrwb,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_u8,pcm_f32le,pcm_f64le,pcm_alaw,pcm_mulaw,adpcm_ima_wav,adpcm_ima_qt,adpcm_ms';

/** Quieter than this nobody is talking. */
const SILENT_LUFS = -50;
const QUIET_LUFS = -40;
/** Cancelled channels lose this much against either of them. */
const CANCELLED_DB = 12;

parentPort?.on('message', (job: IntakeJob) => {
  void answer(job);
});

async function answer(job: IntakeJob): Promise<void> {
  const core = await loadFfmpeg(workerData as WebAssembly.Module);
  parentPort?.postMessage(takeIn(core, job));
}

function takeIn(core: FfmpegCore, { bytes, demuxer, minSeconds }: IntakeJob): IntakeResult {
  let decoded = decode(core, bytes, demuxer, []);
  if (typeof decoded === 'string') return { kind: 'refused', problem: { code: decoded } };
  const isCancelled = decoded.sourceDb - rmsDb(decoded.samples) > CANCELLED_DB;
  if (isCancelled) {
    const left = decode(core, bytes, demuxer, ['pan=mono|c0=c0']);
    if (typeof left !== 'string') decoded = { ...left, sourceDb: decoded.sourceDb };
  }
  const pcm = { sampleRate: SAMPLE_RATE, samples: decoded.samples };
  const trimmed = trimSample(pcm);
  const { loudnessLufs, clipRunsPerSecond } = decoded;
  if (loudnessLufs < SILENT_LUFS || trimmed.speechSeconds < 0.5)
    return { kind: 'refused', problem: { code: 'E_AUDIO_SILENT' } };
  if (clipRunsPerSecond > 20) return { kind: 'refused', problem: { code: 'E_AUDIO_CLIPPED' } };
  const seconds = trimmed.pcm.samples.length / SAMPLE_RATE;
  if (seconds < minSeconds)
    return { kind: 'refused', problem: { code: 'E_AUDIO_SHORT', seconds, minSeconds } };
  levelSample(trimmed.pcm, loudnessLufs);
  const measured: Measurements = {
    seconds,
    originalSeconds: decoded.samples.length / SAMPLE_RATE,
    loudnessLufs,
    clipRunsPerSecond,
    silenceShare: trimmed.silenceShare,
    warnings: warningsFor(decoded, trimmed, { seconds, isCancelled }),
  };
  return { kind: 'taken', wav: writeWav(trimmed.pcm), measured };
}

interface Decoded {
  readonly samples: Int16Array;
  readonly loudnessLufs: number;
  readonly clipRunsPerSecond: number;
  /** The level of the source before its channels were mixed. */
  readonly sourceDb: number;
  readonly sourceRate: number;
}

/** Decodes to mono 24 kHz, measuring the source on the way; or says why not. */
function decode(
  core: FfmpegCore,
  input: Uint8Array,
  demuxer: string,
  firstFilters: readonly string[],
): Decoded | 'E_AUDIO_DECODE' | 'E_AUDIO_NONE' {
  const filters = [...firstFilters, 'astats=measure_perchannel=none', 'ebur128=framelog=verbose'];
  const { output, log } = core.run({
    input,
    args: [
      ...['-max_alloc', '67108864', '-protocol_whitelist', 'file'],
      ...['-format_whitelist', demuxer, '-codec_whitelist', CODECS],
      ...['-probesize', '1000000', '-analyzeduration', '2000000', '-max_streams', '8'],
      ...['-f', demuxer, '-t', String(MAX_SECONDS), '-i', 'INPUT'],
      ...['-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1', '-af', filters.join(',')],
      ...['-t', String(MAX_SECONDS), '-ac', '1', '-ar', String(SAMPLE_RATE)],
      ...['-c:a', 'pcm_s16le', '-fs', String(MAX_OUTPUT_BYTES), '-f', 's16le', 'OUTPUT'],
    ],
  });
  if (!output || output.byteLength < 2) {
    const hasNoSound = log.some((line) => /matches no streams/.test(line));
    return hasNoSound ? 'E_AUDIO_NONE' : 'E_AUDIO_DECODE';
  }
  const samples = new Int16Array(output.slice(0, output.byteLength & ~1).buffer);
  return { samples, ...readMeasures(log, samples.length / SAMPLE_RATE) };
}

/** What FFmpeg's filters said: lines of a name and a number. */
function readMeasures(log: readonly string[], seconds: number) {
  const text = log.join('\n');
  const number = (pattern: RegExp, missing: number) => {
    const value = Number(pattern.exec(text)?.[1] ?? Number.NaN);
    return Number.isFinite(value) ? value : missing;
  };
  // The average length of a run at the loudest value is given in dB; 1 sample is 0 dB.
  const runLength = 10 ** (number(/Flat factor: (\S+)/, 0) / 20);
  const stuckSamples = number(/Peak count: (\S+)/, 0);
  return {
    loudnessLufs: number(/I:\s+(\S+) LUFS\s+Threshold/, -70),
    clipRunsPerSecond: runLength >= 3 ? stuckSamples / runLength / Math.max(seconds, 0.1) : 0,
    sourceDb: number(/RMS level dB: (\S+)/, -120),
    sourceRate: number(/Audio:[^\n]*?(\d+) Hz/, SAMPLE_RATE),
  };
}

function warningsFor(
  decoded: Decoded,
  { pcm, hadLongSilences, wasLong, silenceShare }: Trimmed,
  { seconds, isCancelled }: { seconds: number; isCancelled: boolean },
): readonly Warning[] {
  const isNoisy = silenceShare < 0.8 && roughSnr(frameLevels(pcm)) < 15;
  const found: Readonly<Record<Warning, boolean>> = {
    short: seconds < 10,
    quiet: decoded.loudnessLufs < QUIET_LUFS,
    noisy: isNoisy,
    clipped: decoded.clipRunsPerSecond > 2,
    trimmed: wasLong,
    silences: hadLongSilences,
    telephone: decoded.sourceRate < 16_000,
    phase: isCancelled,
  };
  return (Object.keys(found) as Warning[]).filter((warning) => found[warning]);
}

function rmsDb(samples: Int16Array): number {
  const sum = samples.reduce((total, value) => total + value * value, 0);
  return 10 * Math.log10(sum / Math.max(1, samples.length) / 32_768 ** 2 + 1e-12);
}
