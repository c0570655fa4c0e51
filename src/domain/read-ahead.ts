/** How a source failed, and how much of it had been read before. */
export interface Failed {
  readonly after: unknown;
  readonly read: number;
}

/**
 * Reads a source at once, however late it is read itself.
 * @param open the source; anew after it failed.
 * @param options.mayRepeat whether a failure is worth opening the source anew, which is done once.
 * @param options.sizeOf what an item counts for in that. @default 1
 * @throws what the source throws, once all that came before was read.
 */
export function readAhead<T>(
  open: (failed?: Failed) => AsyncIterable<T>,
  options: {
    mayRepeat: (error: unknown) => boolean | Promise<boolean>;
    sizeOf?: (item: T) => number;
  },
): AsyncIterable<T> {
  const { mayRepeat, sizeOf = () => 1 } = options;
  let arrived: T[] = [];
  let read = 0;
  let isDone = false;
  let news = Promise.withResolvers<void>();

  async function fetch(failed?: Failed): Promise<void> {
    for await (const item of open(failed)) {
      arrived.push(item);
      news.resolve();
    }
  }

  const all = fetch()
    .catch(async (error: unknown) => {
      const unread = arrived;
      arrived = [];
      if (await mayRepeat(error)) return await fetch({ after: error, read });
      arrived = unread;
      throw error;
    })
    .finally(() => {
      isDone = true;
      news.resolve();
    });
  // It is met by whoever reads to the end; what nobody reads may fail in silence.
  all.catch(() => undefined);

  return (async function* () {
    for (;;) {
      const items = arrived;
      arrived = [];
      for (const item of items) read += sizeOf(item);
      for (const item of items) yield item;
      if (items.length > 0) continue;
      if (isDone) return await all;
      await news.promise;
      news = Promise.withResolvers();
    }
  })();
}
