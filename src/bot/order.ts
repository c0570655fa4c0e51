/** Keeps what members send in the order they sent it, however unequal the time each needs to get ready. */
export interface Order {
  /** A member's next place, behind all they were given before and have not left yet. */
  take(userId: string): Place;
}

export interface Place extends Disposable {
  /** Resolves when all places before it have been left. */
  readonly reached: Promise<unknown>;
  /** Lets those behind it go on; disposing of it does, too. */
  leave(): void;
}

export function createOrder(): Order {
  const last = new Map<string, Promise<unknown>>();
  return {
    take(userId) {
      const reached = last.get(userId) ?? Promise.resolve();
      const left = Promise.withResolvers<void>();
      const both = Promise.all([reached, left.promise]).then(() => {
        if (last.get(userId) === both) last.delete(userId);
      });
      last.set(userId, both);
      return { reached, leave: left.resolve, [Symbol.dispose]: left.resolve };
    },
  };
}
