import { createFfmpegModule } from '../../src/audio/ffmpeg-module.ts';
import { createMediaWorker } from '../../src/audio/media-worker.ts';
import type { FileJob, FileResult } from '../../src/audio/speech-file.ts';
import { writeWav } from '../../src/audio/wav.ts';

/** Any sound into any container, for fixtures and for the provider's other formats. */
export interface Converter extends AsyncDisposable {
  /** @param args FFmpeg's, for the output. */
  fromPcm(
    pcm: { sampleRate: number; samples: Int16Array },
    args: readonly string[],
  ): Promise<Uint8Array>;
  /** Decodes whatever it is to mono 16-bit. */
  toPcm(bytes: Uint8Array, sampleRate?: number): Promise<Int16Array>;
  /** What FFmpeg makes of one file with these arguments. */
  convert(
    input: Uint8Array,
    before: readonly string[],
    after: readonly string[],
  ): Promise<Uint8Array>;
}

/** One for all: to compile it takes longer than most of what it is used for. */
const ffmpeg = createFfmpegModule();

export async function createConverter(): Promise<Converter> {
  const worker = createMediaWorker<FileJob, FileResult>({
    entry: new URL('../../src/audio/speech-file.worker.ts', import.meta.url),
    ffmpeg,
    threads: { kind: 'warm' },
    timeoutMs: 30_000,
  });
  const convert: Converter['convert'] = async (input, before, after) => {
    const args = [...before, '-i', 'INPUT', ...after, 'OUTPUT'];
    const { output } = await worker.run({ input, args }, { signal: AbortSignal.timeout(30_000) });
    if (!output) throw new Error(`FFmpeg made nothing with ${args.join(' ')}`);
    return output;
  };
  return {
    convert,
    fromPcm: (pcm, args) => convert(writeWav(pcm), ['-f', 'wav'], args),
    async toPcm(bytes, sampleRate = 24_000) {
      const after = ['-map', '0:a:0', '-ac', '1', '-ar', String(sampleRate), '-f', 's16le'];
      const raw = await convert(bytes, [], after);
      return new Int16Array(raw.slice(0, raw.byteLength & ~1).buffer);
    },
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
}

/** How FFmpeg is told of each format the provider may be asked for. */
export const ENCODINGS: Readonly<Record<string, { type: string; args: readonly string[] }>> = {
  mp3: { type: 'audio/mpeg', args: ['-c:a', 'libmp3lame', '-b:a', '64k', '-f', 'mp3'] },
  opus: { type: 'audio/opus', args: ['-c:a', 'libopus', '-b:a', '64k', '-f', 'ogg'] },
  aac: { type: 'audio/aac', args: ['-c:a', 'aac', '-f', 'adts'] },
  flac: { type: 'audio/flac', args: ['-c:a', 'flac', '-f', 'flac'] },
};
