import { SECOND_MS } from '../domain/time.ts';
import type { FfmpegModule } from './ffmpeg-module.ts';
import { createMediaWorker, type JobOptions } from './media-worker.ts';
import { NotAudioError } from './not-audio-error.ts';
import type { Pcm } from './pcm.ts';
import { writeWav } from './wav.ts';

export type FileFormat = 'mp3' | 'ogg' | 'wav' | 'flac';

/** Tags of a file, by name; those a format has no place of its own for go into its comments. */
export type Tags = Readonly<Record<string, string>>;

/** Speech as files, made in a thread of its own. */
export interface SpeechFiles extends AsyncDisposable {
  encode(
    pcm: Pcm,
    format: FileFormat,
    tags: Tags,
    options: { signal: AbortSignal },
  ): Promise<Uint8Array>;
  /** Tags an mp3 as it is, without encoding it again. @throws NotAudioError when it is none. */
  tag(mp3: Uint8Array, tags: Tags, options: { signal: AbortSignal }): Promise<Uint8Array>;
}

export interface FileJob {
  readonly input: Uint8Array;
  readonly args: readonly string[];
}

export interface FileResult {
  readonly output: Uint8Array | undefined;
}

const TIMEOUT_MS = 30 * SECOND_MS;

/** 64 kbit/s mono is transparent for speech, and for Opus also the cheapest (see opus-encoder). */
const CODECS = {
  mp3: ['-c:a', 'libmp3lame', '-b:a', '64k', '-id3v2_version', '3', '-f', 'mp3'],
  ogg: ['-c:a', 'libopus', '-b:a', '64k', '-ar', '48000', '-frame_duration', '20', '-f', 'ogg'],
  flac: ['-c:a', 'flac', '-f', 'flac'],
  wav: ['-c:a', 'pcm_s16le', '-f', 'wav'],
} as const satisfies Record<FileFormat, readonly string[]>;

export function createSpeechFiles({ ffmpeg }: { ffmpeg: FfmpegModule }): SpeechFiles {
  const worker = createMediaWorker<FileJob, FileResult>({
    entry: new URL('./speech-file.worker.ts', import.meta.url),
    ffmpeg,
    threads: { kind: 'warm' },
    timeoutMs: TIMEOUT_MS,
  });

  async function run(
    input: Uint8Array,
    demuxer: string,
    outputArgs: readonly string[],
    options: JobOptions,
  ): Promise<Uint8Array> {
    const args = ['-f', demuxer, '-i', 'INPUT', '-map', '0:a:0', ...outputArgs, 'OUTPUT'];
    const { output } = await worker.run({ input, args }, options);
    if (!output || output.byteLength === 0) throw new NotAudioError('nothing that can be encoded');
    return output;
  }

  return {
    encode(pcm, format, tags, { signal }) {
      const wav = writeWav(pcm);
      const moved = [wav.buffer];
      return run(wav, 'wav', [...tagArgs(tags), ...CODECS[format]], { signal, moved });
    },
    tag: (mp3, tags, { signal }) =>
      run(mp3, 'mp3', [...tagArgs(tags), '-c:a', 'copy', '-id3v2_version', '3', '-f', 'mp3'], {
        signal,
      }),
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
}

function tagArgs(tags: Tags): readonly string[] {
  const pairs = Object.entries(tags).flatMap(([name, value]) => ['-metadata', `${name}=${value}`]);
  return ['-map_metadata', '-1', ...pairs];
}
