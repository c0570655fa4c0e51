const WINDOW_MS = 30_000;
/** By the provider's page; its newer notes allow 50 a model, ours fewer. */
const MOST_OF_KEY = 20;
const MOST_OF_BUCKET = 12;

/**
 * Blocks a key for too many client errors (4xx but 429) within 30 s, of a model or in all. What the
 * provider fails with itself counts for nobody.
 */
export function createBlock(now: () => number, onTooMany: (bucket: string) => void) {
  let failures: { readonly at: number; readonly bucket: string }[] = [];
  const inWindow = () => {
    failures = failures.filter(({ at }) => at > now() - WINDOW_MS);
    return failures;
  };
  const ofBucket = (bucket: string) =>
    inWindow().filter((failure) => failure.bucket === bucket).length;

  return {
    failuresInWindow: () => inWindow().length,
    isBlocked(bucket: string): boolean {
      return ofBucket(bucket) > MOST_OF_BUCKET || failures.length > MOST_OF_KEY;
    },
    ended(bucket: string, status: number): void {
      if (status < 400 || status >= 500 || status === 429) return;
      failures.push({ at: now(), bucket });
      if (ofBucket(bucket) > MOST_OF_BUCKET) onTooMany(bucket);
    },
  };
}
