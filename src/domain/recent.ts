import type { Clock } from './time.ts';

/** Keys that are forgotten a while after they were last added. */
export interface Recent {
  add(key: string): void;
  has(key: string): boolean;
  delete(key: string): void;
}

export function createRecent({ lifeMs, clock }: { lifeMs: number; clock: Clock }): Recent {
  /** The one that was added longest ago comes first. */
  const addedAt = new Map<string, number>();
  const isOld = (at: number) => at + lifeMs <= clock();

  return {
    add(key) {
      addedAt.delete(key);
      addedAt.set(key, clock());
      for (const [oldest, at] of addedAt) {
        if (!isOld(at)) return;
        addedAt.delete(oldest);
      }
    },
    has(key) {
      const at = addedAt.get(key);
      return at !== undefined && !isOld(at);
    },
    delete: (key) => void addedAt.delete(key),
  };
}
