/** Something that happens unless it is called off in time. */
export interface Alarm {
  /** Sets it, if it is not set already, or calls it off. */
  keep(isSet: boolean): void;
}

export function createAlarm(ms: number, ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;

  function rings(): void {
    timer = undefined;
    ring();
  }

  return {
    keep(isSet) {
      if (isSet) timer ??= setTimeout(rings, ms);
      else {
        clearTimeout(timer);
        timer = undefined;
      }
    },
  };
}
