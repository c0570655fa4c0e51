/** Reads a source at once, however late it is read itself; a failure drops what was not read yet. */
export function readAhead<T>(source: AsyncIterable<T>): ReadableStream<T> {
  return new ReadableStream({
    async start(controller) {
      for await (const item of source) controller.enqueue(item);
      controller.close();
    },
  });
}
