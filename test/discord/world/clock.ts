/** The stand-in's time of day: real, plus what a test added. */
export interface AdjustableClock {
  (): number;
  /** Moves the time forward, so that tokens and links expire. */
  advance(ms: number): void;
}

export function createClock(): AdjustableClock {
  let aheadMs = 0;
  const clock = () => Date.now() + aheadMs;
  return Object.assign(clock, {
    advance(ms: number) {
      aheadMs += ms;
    },
  });
}
