/** Something that happens unless it is called off in time. */
export interface Alarm {
  /** Sets it, if it is not set already, or calls it off. */
  keep(isSet: boolean): void;
}

export function createAlarm(ms: number, ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  return {
    keep(isSet) {
      if (isSet) timer ??= setTimeout(ring, ms);
      else {
        clearTimeout(timer);
        timer = undefined;
      }
    },
  };
}
