import { type Problem, UserError } from '../domain/errors.ts';
import { SECOND_MS } from '../domain/time.ts';
import type { FfmpegModule } from './ffmpeg-module.ts';
import type { Measurements } from './measure.ts';
import { createMediaWorker } from './media-worker.ts';
import { sniffDemuxer } from './sniff.ts';

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
}

export interface IntakeJob {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly demuxer: string;
  readonly minSeconds: number;
}

export type IntakeResult =
  | ({ readonly kind: 'taken' } & Intake)
  | { readonly kind: 'refused'; readonly problem: Problem };

/** A file that takes longer than this was made to. */
const TIMEOUT_MS = 15 * SECOND_MS;

export function createSampleIntake({ ffmpeg }: { ffmpeg: FfmpegModule }): SampleIntake {
  const worker = createMediaWorker<IntakeJob, IntakeResult>({
    entry: new URL('./intake.worker.ts', import.meta.url),
    ffmpeg,
    isFresh: true,
    timeoutMs: TIMEOUT_MS,
  });

  return {
    async read(bytes, { minSeconds, signal }) {
      const demuxer = await sniffDemuxer(bytes);
      // A fault of ours is none of the file's.
      await ffmpeg();
      const result = await decode({ bytes, demuxer, minSeconds }, signal);
      if (result.kind === 'refused') throw new UserError(result.problem);
      return result;
    },
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
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
