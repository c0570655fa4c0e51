/** Keeps what is sent in the order it came, however unequal the time each needs to get ready. */
export interface Order {
  /** The next one of this queue. */
  take(queue: string): Ticket;
}

export interface Ticket extends Disposable {
  /** Resolves when all before it have passed. */
  readonly turn: Promise<unknown>;
  /** Lets those behind it go on; disposing of it does, too. */
  pass(): void;
}

export function createOrder(): Order {
  const last = new Map<string, Promise<unknown>>();
  return {
    take(queue) {
      const turn = last.get(queue) ?? Promise.resolve();
      const passed = Promise.withResolvers<void>();
      const both = Promise.all([turn, passed.promise]).then(() => {
        if (last.get(queue) === both) last.delete(queue);
      });
      last.set(queue, both);
      return { turn, pass: passed.resolve, [Symbol.dispose]: passed.resolve };
    },
  };
}
