import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';

/** The next message of a thread. @throws Error when it ends before; the reason of the signal when it aborts. */
export async function nextMessage(
  worker: Worker,
  { signal }: { signal?: AbortSignal } = {},
): Promise<unknown> {
  const over = new AbortController();
  const until = { signal: AbortSignal.any(signal ? [signal, over.signal] : [over.signal]) };
  try {
    const message = once(worker, 'message', until);
    const death = once(worker, 'exit', until).then(() => {
      throw new Error('The thread ended before it answered');
    });
    const [answer] = await Promise.race([message, death]);
    return answer;
  } finally {
    over.abort();
  }
}
