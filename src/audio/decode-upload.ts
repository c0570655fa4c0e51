import { runFfmpeg } from './ffmpeg-core.ts';
import type { Pcm } from './pcm.ts';
import { inputArgs, type SourceFormat, type Undecodable, type Upload } from './upload.ts';

/** An upload as mono sound, with what was measured on the way. */
export interface DecodedUpload {
  readonly pcm: Pcm;
  /** Of the channels together, as they are heard. */
  readonly loudnessLufs: number;
  /** Before anything was resampled, which would round the flat tops off. */
  readonly clipRunsPerSecond: number;
  /** The highest of the source's samples. */
  readonly peakDb: number;
  /** The level of the source's channels, before they were mixed. */
  readonly sourceDb: number;
}

const SAMPLE_RATE = 24_000;
/** Nothing beyond five minutes is looked at; the best minute of it is used. */
const MAX_SECONDS = 300;
/**
 * Samples of all channels together: five minutes of stereo at 48 kHz, about a second's work. A file of
 * many channels at a high rate is small and would take a quarter of a minute.
 */
const MAX_SOURCE_SAMPLES = MAX_SECONDS * 48_000 * 2;
const MAX_OUTPUT_BYTES = (MAX_SECONDS + 1) * SAMPLE_RATE * 2;
/**
 * Clipping is measured on what 16 bits can hold: a lossy codec's peaks go beyond, and are cut there.
 * The resampler is spelled out, or FFmpeg would put it first; it lets no mix grow beyond full scale.
 */
const FILTERS = [
  'aformat=sample_fmts=s16',
  'astats=measure_perchannel=none',
  `aresample=${SAMPLE_RATE}:rematrix_maxval=1`,
  'aformat=channel_layouts=mono',
  'ebur128=framelog=verbose',
];

/**
 * Decodes the first sound track to mono 24 kHz, measuring the source, in one pass.
 * @param channels all of them mixed, or the first one alone.
 */
export async function decodeUpload(
  module: WebAssembly.Module,
  upload: Upload,
  source: SourceFormat,
  channels: 'mixed' | 'first',
): Promise<DecodedUpload | Undecodable> {
  const filters = channels === 'first' ? ['pan=mono|c0=c0', ...FILTERS] : FILTERS;
  const seconds = secondsLookedAt(source);
  const { output, log } = await runFfmpeg(module, {
    input: upload.bytes,
    args: [
      ...[...inputArgs(upload, seconds), '-af', filters.join()],
      ...['-t', String(seconds), '-ac', '1', '-ar', String(SAMPLE_RATE)],
      ...['-c:a', 'pcm_s16le', '-fs', String(MAX_OUTPUT_BYTES), '-f', 's16le', 'OUTPUT'],
    ],
  });
  const { buffer, byteLength } = output ?? new Uint8Array(0);
  const samples = new Int16Array(buffer, 0, byteLength >> 1);
  if (samples.length === 0) return 'E_AUDIO_DECODE';
  return { pcm: { sampleRate: SAMPLE_RATE, samples }, ...readMeasures(log, samples.length) };
}

/** How much of a source of this format is decoded at most. */
export function secondsLookedAt({ sampleRate, channels }: SourceFormat): number {
  return Math.min(MAX_SECONDS, MAX_SOURCE_SAMPLES / (sampleRate * channels));
}

/** What FFmpeg's filters said, after all the file says of itself: so the last of each counts. */
function readMeasures(log: readonly string[], samples: number) {
  const text = log.join('\n');
  const seconds = samples / SAMPLE_RATE;
  const read = (pattern: RegExp, missing: number) => {
    const value = Number([...text.matchAll(pattern)].at(-1)?.[1]);
    return Number.isFinite(value) ? value : missing;
  };
  // The length of the runs at the loudest value is given in dB, 0 for single samples.
  const runLength = 10 ** (read(/Flat factor: (\S+)/g, 0) / 20);
  const stuckSamples = read(/Peak count: (\S+)/g, 0);
  return {
    loudnessLufs: read(/I:\s+(\S+) LUFS/g, -70),
    clipRunsPerSecond: runLength >= 3 ? stuckSamples / runLength / seconds : 0,
    peakDb: read(/Peak level dB: (\S+)/g, 0),
    sourceDb: read(/RMS level dB: (\S+)/g, -120),
  };
}
