import { type Problem, UserError } from '../domain/errors.ts';
import { SECOND_MS } from '../domain/time.ts';
import type { FfmpegModule } from './ffmpeg-module.ts';
import type { Measurements } from './measure.ts';
import { createMediaWorker } from './media-worker.ts';
import { sniffDemuxer } from './sniff.ts';
import { writeWav } from './wav.ts';

/** A recording as the provider gets it: mono 16-bit 24 kHz WAV without metadata. */
export interface Intake {
  readonly wav: Uint8Array<ArrayBuffer>;
  readonly measured: Measurements;
}

/** Turns whatever people upload into a clean sample, or says why it cannot be one. */
export interface SampleIntake extends AsyncDisposable {
  /**
   * @param bytes given away.
   * @param minSeconds what the model needs after trimming.
   * @throws UserError E_ATT_EMPTY, E_ATT_TYPE, E_AUDIO_DECODE, E_AUDIO_NONE, E_AUDIO_SILENT,
   * E_AUDIO_SHORT, E_AUDIO_CLIPPED.
   */
  read(
    bytes: Uint8Array<ArrayBuffer>,
    options: { minSeconds: number; signal: AbortSignal },
  ): Promise<Intake>;
  /**
   * Compiles what the first recording would wait for, once, when one is about to come. Never rejects:
   * what is wrong then is told when a recording is read.
   */
  warmUp(): Promise<void>;
}

export interface IntakeJob {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly demuxer: string;
  readonly minSeconds: number;
}

export type IntakeResult =
  | ({ readonly kind: 'taken' } & Intake)
  | { readonly kind: 'refused'; readonly problem: Problem };

/** The longest that others wait for a file, whatever it does to its reader. */
const TURN_MS = 2 * SECOND_MS;
/**
 * How much is decoded is bounded by its samples, about a second's work: a file that takes this long makes
 * its reader hang. Three turns long, so that no more than three are ever read at once.
 */
const TIMEOUT_MS = 3 * TURN_MS;

export function createSampleIntake({ ffmpeg }: { ffmpeg: FfmpegModule }): SampleIntake {
  const worker = createMediaWorker<IntakeJob, IntakeResult>({
    entry: new URL('./intake.worker.ts', import.meta.url),
    ffmpeg,
    threads: { kind: 'fresh', turnMs: TURN_MS },
    timeoutMs: TIMEOUT_MS,
  });
  const closing = new AbortController();
  let warming: Promise<unknown> | undefined;

  return {
    async read(bytes, { minSeconds, signal }) {
      const demuxer = await sniffDemuxer(bytes);
      // A fault of ours is none of the file's.
      await ffmpeg();
      const result = await decode({ bytes, demuxer, minSeconds }, signal);
      if (result.kind === 'refused') throw new UserError(result.problem);
      return result;
    },

    async warmUp() {
      // V8 compiles a function when it is first called: compiling FFmpeg is half of it.
      const bytes = writeWav({ sampleRate: 24_000, samples: new Int16Array(24_000).fill(1) });
      warming ??= decode({ bytes, demuxer: 'wav', minSeconds: 1 }, closing.signal);
      await Promise.allSettled([warming]);
    },

    async [Symbol.asyncDispose]() {
      closing.abort();
      await worker[Symbol.asyncDispose]();
    },
  };

  /** A decoder that hangs or dies was given something damaged. */
  async function decode(job: IntakeJob, signal: AbortSignal): Promise<IntakeResult> {
    try {
      return await worker.run(job, { signal, moved: [job.bytes.buffer] });
    } catch (error) {
      signal.throwIfAborted();
      throw new UserError({ code: 'E_AUDIO_DECODE' }, { cause: error });
    }
  }
}
