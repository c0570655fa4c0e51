import { runFfmpeg } from './ffmpeg-core.ts';
import type { Pcm } from './pcm.ts';

export interface Upload {
  readonly bytes: Uint8Array;
  /** The only reader FFmpeg may use on it. */
  readonly demuxer: string;
}

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
  readonly sourceRate: number;
}

const SAMPLE_RATE = 24_000;
/** Nothing beyond five minutes is looked at; the best minute of it is used. */
const MAX_SECONDS = 300;
const MAX_OUTPUT_BYTES = (MAX_SECONDS + 1) * SAMPLE_RATE * 2;
/** Only sound is ever decoded: neither covers nor film. */
const CODECS = [
  ...['aac', 'aac_latm', 'alac', 'flac', 'mp2', 'mp2float', 'mp3', 'mp3float'],
  ...['opus', 'libopus', 'vorbis', 'libvorbis', 'speex', 'amrnb', 'amrwb'],
  ...['pcm_u8', 'pcm_s8', 'pcm_s16le', 'pcm_s16be', 'pcm_s24le', 'pcm_s24be', 'pcm_s32le'],
  ...['pcm_s32be', 'pcm_f32le', 'pcm_f32be', 'pcm_f64le', 'pcm_f64be', 'pcm_alaw', 'pcm_mulaw'],
  ...['adpcm_ima_wav', 'adpcm_ima_qt', 'adpcm_ms', 'gsm_ms'],
].join();

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
  { bytes, demuxer }: Upload,
  channels: 'mixed' | 'first',
): Promise<DecodedUpload | 'E_AUDIO_DECODE' | 'E_AUDIO_NONE'> {
  const filters = channels === 'first' ? ['pan=mono|c0=c0', ...FILTERS] : FILTERS;
  const { output, log } = await runFfmpeg(module, {
    input: bytes,
    args: [
      ...['-max_alloc', '67108864', '-protocol_whitelist', 'file'],
      ...['-format_whitelist', demuxer, '-codec_whitelist', CODECS],
      ...['-probesize', '1000000', '-analyzeduration', '2000000', '-max_streams', '8'],
      ...['-f', demuxer, '-t', String(MAX_SECONDS), '-i', 'INPUT'],
      ...['-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1', '-af', filters.join()],
      ...['-t', String(MAX_SECONDS), '-ac', '1', '-ar', String(SAMPLE_RATE)],
      ...['-c:a', 'pcm_s16le', '-fs', String(MAX_OUTPUT_BYTES), '-f', 's16le', 'OUTPUT'],
    ],
  });
  const { buffer, byteLength } = output ?? new Uint8Array(0);
  const samples = new Int16Array(buffer, 0, byteLength >> 1);
  if (samples.length > 0)
    return { pcm: { sampleRate: SAMPLE_RATE, samples }, ...readMeasures(log, samples.length) };
  const hasNoSound = log.some((line) => line.includes('matches no streams'));
  return hasNoSound ? 'E_AUDIO_NONE' : 'E_AUDIO_DECODE';
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
    sourceRate: Number(/^ +Stream #0:\d.*: Audio: .*?(\d+) Hz/m.exec(text)?.[1] ?? SAMPLE_RATE),
  };
}
