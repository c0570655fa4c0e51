import type { SpokenLine } from './spoken-line.ts';

/**
 * The lines of one channel: the one being spoken, and those that wait, in rounds. In each a member
 * has one line, and members go in the order they came: who has several lines waits with the others,
 * and a talk of many keeps its order.
 */
export interface LineQueue {
  current(): SpokenLine | undefined;
  /** The current one first, then those that wait, in the order they are to be heard. */
  lines(): readonly SpokenLine[];
  add(line: SpokenLine): void;
  /** Makes the next one that waits the current one. */
  advance(): SpokenLine | undefined;
  remove(line: SpokenLine): void;
  /** Has each line told anew of its place, in a moment. */
  tell(): void;
}

interface Entry {
  readonly spoken: SpokenLine;
  readonly round: number;
  /** When its member came, having had no line here: all their lines until the last share it. */
  readonly since: number;
}

/** @param onChange lines came or went, all of one step together; each knows its place by then. */
export function createLineQueue(onChange: () => void): LineQueue {
  let current: Entry | undefined;
  let waiting: readonly Entry[] = [];
  /** Of the line that was begun last. */
  let round = 0;
  let arrivals = 0;
  let isTelling = false;

  const entries = () => (current ? [current, ...waiting] : waiting);
  const lines = () => entries().map(({ spoken }) => spoken);

  /** In the round of now, or in the next one after those of their lines that are still here. */
  function place(line: SpokenLine): Entry {
    const { requester } = line.line;
    const last = entries().findLast(({ spoken }) => spoken.line.requester === requester);
    if (last) return { spoken: line, round: last.round + 1, since: last.since };
    arrivals += 1;
    return { spoken: line, round, since: arrivals };
  }

  function tell(): void {
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
    current: () => current?.spoken,
    lines,
    add(spoken) {
      const inTurn = (one: Entry, other: Entry) =>
        one.round - other.round || one.since - other.since;
      waiting = [...waiting, place(spoken)].toSorted(inTurn);
      tell();
    },
    advance() {
      [current, ...waiting] = waiting;
      round = current?.round ?? round;
      return current?.spoken;
    },
    remove(line) {
      waiting = waiting.filter(({ spoken }) => spoken !== line);
      if (current?.spoken === line) current = undefined;
      tell();
    },
    tell,
  };
}
