import type { Snowflake } from '../domain/ids.ts';
import type { SpokenLine } from './spoken-line.ts';
import { inTurn } from './turns.ts';

/** The lines of one channel: the one being spoken, and those that wait, members taking turns. */
export interface LineQueue {
  current(): SpokenLine | undefined;
  /** The current one first, then those that wait, in the order they are to be heard. */
  lines(): readonly SpokenLine[];
  add(line: SpokenLine): void;
  /** Makes the next one that waits the current one. */
  advance(): SpokenLine | undefined;
  remove(line: SpokenLine): void;
}

/** @param onChange lines came or went, all of one step together; each knows its place by then. */
export function createLineQueue(onChange: () => void): LineQueue {
  let current: SpokenLine | undefined;
  /** In the order they came. */
  let waiting: SpokenLine[] = [];
  /** Members in the order they were last heard. */
  let heardBefore: Snowflake[] = [];
  let isTelling = false;

  const lines = () => [...(current ? [current] : []), ...inTurn(waiting, heardBefore)];

  function changed(): void {
    if (isTelling) return;
    isTelling = true;
    queueMicrotask(() => {
      isTelling = false;
      let seconds = 0;
      for (const [before, line] of lines().entries()) {
        line.standsBehind({ lines: before, seconds });
        seconds += line.secondsLeft();
      }
      onChange();
    });
  }

  return {
    current: () => current,
    lines,
    add(line) {
      waiting.push(line);
      changed();
    },
    advance() {
      const [next] = inTurn(waiting, heardBefore);
      current = next;
      if (!next) return undefined;
      const { requester } = next.line;
      waiting = waiting.filter((line) => line !== next);
      heardBefore = [...heardBefore.filter((member) => member !== requester), requester];
      return next;
    },
    remove(line) {
      waiting = waiting.filter((other) => other !== line);
      if (current === line) current = undefined;
      changed();
    },
  };
}
