/** Wakes whoever waits for something to become true, each time anything changed. */
export interface Watch {
  changed(): void;
  /**
   * Resolves with the first answer of `look` that is not undefined, also an immediate one; rejects
   * with what `look` throws.
   * @param options.what is named in the error when the time is over.
   */
  until<T>(look: () => T | undefined, options: { what: string; timeoutMs?: number }): Promise<T>;
}

const DEFAULT_TIMEOUT_MS = 10_000;

export function createWatch(): Watch {
  const looks = new Set<() => void>();
  return {
    changed() {
      for (const look of [...looks]) look();
    },
    until(look, { what, timeoutMs = DEFAULT_TIMEOUT_MS }) {
      return new Promise((resolve, reject) => {
        const late = new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
        const timer = setTimeout(() => finish(() => reject(late)), timeoutMs);
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          looks.delete(tryNow);
          settle();
        };
        const tryNow = () => {
          try {
            const found = look();
            if (found !== undefined) finish(() => resolve(found));
          } catch (error) {
            finish(() => reject(error));
          }
        };
        looks.add(tryNow);
        tryNow();
      });
    },
  };
}
