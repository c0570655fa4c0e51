/**
 * Reads a source at once, however late it is read itself.
 * @param mayRepeat whether a failure is worth opening the source anew; done once, and only while
 * nothing of it was read.
 * @throws what the source throws, once all that came before was read.
 */
export function readAhead<T>(
  open: () => AsyncIterable<T>,
  mayRepeat: (error: unknown) => boolean = () => false,
): AsyncIterable<T> {
  let arrived: T[] = [];
  let isRead = false;
  let isDone = false;
  let news = Promise.withResolvers<void>();

  async function fetch(): Promise<void> {
    for await (const item of open()) {
      arrived.push(item);
      news.resolve();
    }
  }

  const all = fetch()
    .catch(async (error: unknown) => {
      if (isRead || !mayRepeat(error)) throw error;
      arrived = [];
      await fetch();
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
      isRead ||= items.length > 0;
      for (const item of items) yield item;
      if (items.length > 0) continue;
      if (isDone) return await all;
      await news.promise;
      news = Promise.withResolvers();
    }
  })();
}
