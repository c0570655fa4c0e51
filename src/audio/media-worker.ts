import { Worker } from 'node:worker_threads';
import { abortable } from '../domain/abortable.ts';
import type { FfmpegModule } from './ffmpeg-module.ts';
import { nextMessage } from './next-message.ts';

/** Runs jobs, in the order they came, in threads that can be killed. */
export interface MediaWorker<Job, Result> extends AsyncDisposable {
  /**
   * @param options.moved buffers of the job that are given away instead of copied.
   * @throws Error when it takes too long or the thread dies; the reason of the signal when it aborts.
   */
  run(job: Job, options: JobOptions): Promise<Result>;
}

export interface JobOptions {
  readonly signal: AbortSignal;
  readonly moved?: readonly ArrayBuffer[];
}

export interface MediaWorkerOptions {
  /** The thread's own file: it answers each message with one. */
  readonly entry: URL;
  readonly ffmpeg: FfmpegModule;
  readonly threads: MediaThreads;
  /** Counted from the job's turn. */
  readonly timeoutMs: number;
}

/**
 * One thread kept warm, which does one job after the other; or a fresh thread for each job, for bytes
 * nobody trusts. A job in a fresh thread that is not done after `turnMs` lets the next begin beside it.
 */
export type MediaThreads =
  | { readonly kind: 'warm' }
  | { readonly kind: 'fresh'; readonly turnMs: number };

export function createMediaWorker<Job, Result>({
  entry,
  ffmpeg,
  threads,
  timeoutMs,
}: MediaWorkerOptions): MediaWorker<Job, Result> {
  const closing = new AbortController();
  const unfinished = new Set<Promise<unknown>>();
  let last: Promise<void> = Promise.resolve();
  let warm: Worker | undefined;

  function start(module: WebAssembly.Module): Worker {
    // The thread gets nothing of the process: no environment, no arguments, no streams.
    const isolation = { env: {}, argv: [], stdout: true, stderr: true };
    const worker = new Worker(entry, { workerData: module, ...isolation });
    // Listened to also between jobs, where a death would otherwise end the process.
    return worker.on('error', () => {
      if (warm === worker) warm = undefined;
    });
  }

  async function runOne(job: Job, { signal, moved = [] }: JobOptions): Promise<Result> {
    const until = AbortSignal.any([signal, closing.signal, AbortSignal.timeout(timeoutMs)]);
    const worker = warm ?? start(await abortable(ffmpeg(), until));
    warm = threads.kind === 'warm' ? worker : undefined;
    try {
      worker.postMessage(job, moved);
      return (await nextMessage(worker, { signal: until })) as Result;
    } catch (error) {
      warm = undefined;
      throw error;
    } finally {
      if (!warm) await worker.terminate();
    }
  }

  /** Waits for its turn; whoever gives up waiting lets nobody overtake. */
  async function inTurn(job: Job, options: JobOptions): Promise<Result> {
    const before = last;
    const own = Promise.withResolvers<void>();
    last = own.promise;
    let turn: NodeJS.Timeout | undefined;
    try {
      await abortable(before, AbortSignal.any([options.signal, closing.signal]));
      if (threads.kind === 'fresh') turn = setTimeout(own.resolve, threads.turnMs);
      return await runOne(job, options);
    } finally {
      clearTimeout(turn);
      void before.then(own.resolve);
    }
  }

  return {
    async run(job, options) {
      const work = inTurn(job, options);
      unfinished.add(work);
      try {
        return await work;
      } catch (error) {
        options.signal.throwIfAborted();
        throw new Error('A media job failed', { cause: error });
      } finally {
        unfinished.delete(work);
      }
    },

    async [Symbol.asyncDispose]() {
      closing.abort();
      await Promise.allSettled(unfinished);
      await warm?.terminate();
    },
  };
}
