/** How long a call may take in all; it stands still while the reader of a body is busy. */
export interface Deadline {
  /** Aborts with TooLate. */
  readonly signal: AbortSignal;
  leftMs(): number;
  /** From now on it is so long, or as much longer. */
  setTo(ms: number): void;
  extend(ms: number): void;
  run(): void;
  rest(): void;
}

/** The provider took longer than it may. */
export class TooLate extends Error {
  override readonly name = 'TooLate';
}

/** Runs from now on; whoever starts it lets it rest in the end. */
export function startDeadline(totalMs: number): Deadline {
  const controller = new AbortController();
  let leftMs = totalMs;
  let runsSince: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  const elapsedMs = () => (runsSince === undefined ? 0 : performance.now() - runsSince);
  const run = () => {
    if (runsSince !== undefined) return;
    runsSince = performance.now();
    timer = setTimeout(() => controller.abort(new TooLate()), leftMs);
  };
  const rest = () => {
    clearTimeout(timer);
    leftMs = Math.max(0, leftMs - elapsedMs());
    runsSince = undefined;
  };
  const change = (next: () => number) => {
    const isRunning = runsSince !== undefined;
    rest();
    leftMs = next();
    if (isRunning) run();
  };

  run();
  return {
    signal: controller.signal,
    leftMs: () => leftMs - elapsedMs(),
    setTo(ms) {
      change(() => ms);
    },
    extend(ms) {
      change(() => leftMs + ms);
    },
    run,
    rest,
  };
}
