const WINDOW_MS = 30_000;
const MOST_FAILURES = 20;

/** Blocks the key after more than 20 failed calls in 30 s. */
export function createBlock(now: () => number) {
  let failures: number[] = [];
  const failuresInWindow = () => {
    failures = failures.filter((at) => at > now() - WINDOW_MS);
    return failures.length;
  };

  return {
    failuresInWindow,
    isBlocked: () => failuresInWindow() > MOST_FAILURES,
    ended(status: number): void {
      if (status >= 400) failures.push(now());
    },
  };
}
