import { runFfmpeg } from './ffmpeg-core.ts';

export interface Upload {
  readonly bytes: Uint8Array;
  /** The only reader FFmpeg may use on it. */
  readonly demuxer: string;
}

/** What an upload's sound decodes to. */
export interface SourceFormat {
  readonly sampleRate: number;
  readonly channels: number;
}

export type Undecodable = 'E_AUDIO_DECODE' | 'E_AUDIO_NONE';

/** Only sound is ever decoded: neither covers nor film. */
const CODECS = [
  ...['aac', 'aac_latm', 'alac', 'flac', 'mp2', 'mp2float', 'mp3', 'mp3float'],
  ...['opus', 'libopus', 'vorbis', 'libvorbis', 'speex', 'amrnb', 'amrwb'],
  ...['pcm_u8', 'pcm_s8', 'pcm_s16le', 'pcm_s16be', 'pcm_s24le', 'pcm_s24be', 'pcm_s32le'],
  ...['pcm_s32be', 'pcm_f32le', 'pcm_f32be', 'pcm_f64le', 'pcm_f64be', 'pcm_alaw', 'pcm_mulaw'],
  ...['adpcm_ima_wav', 'adpcm_ima_qt', 'adpcm_ms', 'gsm_ms'],
].join();

/** FFmpeg's arguments to read the first sound track of an upload, and nothing else of it. */
export function inputArgs({ demuxer }: Upload, seconds: number): readonly string[] {
  return [
    ...['-max_alloc', '67108864', '-protocol_whitelist', 'file'],
    ...['-format_whitelist', demuxer, '-codec_whitelist', CODECS],
    ...['-probesize', '1000000', '-analyzeduration', '2000000', '-max_streams', '8'],
    ...['-f', demuxer, '-t', String(seconds), '-i', 'INPUT'],
    ...['-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1'],
  ];
}

/** Decodes one frame: what the header says of rate and channels need not be what comes out. */
export async function readSourceFormat(
  module: WebAssembly.Module,
  upload: Upload,
): Promise<SourceFormat | Undecodable> {
  const { log } = await runFfmpeg(module, {
    input: upload.bytes,
    args: [...inputArgs(upload, 1), '-af', 'ashowinfo', '-frames:a', '1', '-f', 'null', '-'],
  });
  const frame = log.map((line) => FRAME.exec(line)).find((match) => match !== null);
  if (frame) return { channels: Number(frame[1]), sampleRate: Number(frame[2]) };
  const hasNoSound = log.some((line) => line.includes('matches no streams'));
  return hasNoSound ? 'E_AUDIO_NONE' : 'E_AUDIO_DECODE';
}

/** What `ashowinfo` says of a frame; what a file says of itself comes without the name of a filter. */
const FRAME = /^\[Parsed_ashowinfo_0 @ \w+\] n:0 .* channels:(\d+) .* rate:(\d+) /;
