import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Runs jobs in a thread that can be killed. */
export interface MediaWorker<Job, Result> extends AsyncDisposable {
  /** One job after the other. @throws Error when it takes too long or the thread dies. */
  run(job: Job, options: { signal: AbortSignal }): Promise<Result>;
}

export interface MediaWorkerOptions {
  /** The thread's own file: it answers each message with one. */
  readonly entry: URL;
  readonly module: WebAssembly.Module;
  /** A fresh thread for each job, for bytes nobody trusts; else one is kept warm. */
  readonly isFresh: boolean;
  readonly timeoutMs: number;
}

export function createMediaWorker<Job, Result>({
  entry,
  module,
  isFresh,
  timeoutMs,
}: MediaWorkerOptions): MediaWorker<Job, Result> {
  let last: Promise<unknown> = Promise.resolve();
  let warm: Worker | undefined;

  // The thread gets nothing of the process: no environment, no arguments, no streams.
  const start = () =>
    new Worker(entry, { workerData: module, env: {}, argv: [], stdout: true, stderr: true });

  async function runOne(job: Job, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    const worker = isFresh ? start() : (warm ?? start());
    if (!isFresh) warm = worker;
    const late = AbortSignal.timeout(timeoutMs);
    const over = new AbortController();
    const until = { signal: AbortSignal.any([signal, late, over.signal]) };
    let isDone = false;
    try {
      const answer = once(worker, 'message', until);
      const death = once(worker, 'exit', until).then(() => {
        throw new Error('The thread ended before its job');
      });
      worker.postMessage(job);
      const [result] = await Promise.race([answer, death]);
      isDone = true;
      return result as Result;
    } catch (error) {
      signal.throwIfAborted();
      throw new Error('A media job failed', { cause: error });
    } finally {
      over.abort();
      if (isFresh || !isDone) {
        warm = undefined;
        await worker.terminate();
      }
    }
  }

  return {
    async run(job, { signal }) {
      const before = last;
      const turn = Promise.withResolvers<void>();
      last = turn.promise;
      await before;
      try {
        return await runOne(job, signal);
      } finally {
        turn.resolve();
      }
    },
    async [Symbol.asyncDispose]() {
      await warm?.terminate();
    },
  };
}
