import { SECOND_MS } from '../domain/time.ts';

/** Signals within this are one request: npm passes on what its whole group was sent. */
const SAME_REQUEST_MS = 2 * SECOND_MS;
const PARENT_CHECK_MS = 250;

/**
 * Aborts when the process is asked to stop, and says how: by a signal, or by the death of its parent.
 * A signal that comes later than two seconds after the first ends the process at once.
 * @param options.parent the process whose end is a request too: the shell of npm, which dies of the
 * signal that npm passes on and leaves the bot behind.
 */
export function watchStopRequests(options: { parent: number | undefined }): AbortSignal {
  const asked = new AbortController();
  let askedAt: number | undefined;
  for (const name of ['SIGTERM', 'SIGINT'] as const)
    process.on(name, () => {
      askedAt ??= performance.now();
      if (performance.now() - askedAt > SAME_REQUEST_MS) process.exit(1);
      asked.abort(name);
    });
  if (options.parent === undefined) return asked.signal;
  const timer = setInterval(() => {
    if (process.ppid === options.parent) return;
    clearInterval(timer);
    asked.abort('parent gone');
  }, PARENT_CHECK_MS).unref();
  return asked.signal;
}
