import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineQueue } from '../../src/playback/line-queue.ts';
import type { SpokenLine } from '../../src/playback/spoken-line.ts';

/** Lines are named by their member and a number. */
function open() {
  const queue = createLineQueue(() => undefined);
  const lines = new Map<SpokenLine, string>();
  const names = () => queue.lines().map((line) => lines.get(line));
  return {
    names,
    add(...added: string[]) {
      for (const name of added) {
        const line = { requester: name.slice(0, 1), seconds: 1 };
        const spoken = { line, standsBehind: () => undefined, secondsLeft: () => 1 };
        lines.set(spoken as unknown as SpokenLine, name);
        queue.add(spoken as unknown as SpokenLine);
      }
    },
    /** The current line is over, and the next one begins. */
    next(): string | undefined {
      const over = queue.current();
      if (over) queue.remove(over);
      const begun = queue.advance();
      return begun && lines.get(begun);
    },
  };
}

describe('line queue', () => {
  test('members take turns, each with their own lines in order', () => {
    const { add, names } = open();
    add('a1', 'a2', 'a3', 'b1', 'c1', 'b2');
    expect(names()).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
  });

  test('who speaks is behind all others with their next line', () => {
    const { add, names, next } = open();
    add('a1', 'a2', 'a3');
    next();
    add('b1');
    expect(names()).toEqual(['a1', 'b1', 'a2', 'a3']);
    next();
    add('b2', 'c1');
    expect(names()).toEqual(['b1', 'c1', 'a2', 'b2', 'a3']);
  });

  test('who came first is first in each round', () => {
    const { add, names, next } = open();
    add('a1');
    next();
    add('b1', 'b2', 'a2');
    expect(names()).toEqual(['a1', 'b1', 'a2', 'b2']);
  });

  test('a talk keeps its order, whoever was heard last', () => {
    const { add, names, next } = open();
    for (const name of ['c1', 'b1', 'a1']) {
      add(name);
      next();
    }
    add('b2', 'c2');
    expect(names()).toEqual(['a1', 'b2', 'c2']);
  });

  test('nothing is lost or doubled, and nobody waits for more than two lines of each other member', () => {
    const step = fc.oneof(fc.constantFrom('a', 'b', 'c', 'd'), fc.constant('next'));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { add, next, names } = open();
        const added: string[] = [];
        const heard: string[] = [];
        const take = () => {
          const name = next();
          if (name !== undefined) heard.push(name);
          return name;
        };
        for (const [index, name] of steps.entries()) {
          if (name === 'next') take();
          else {
            added.push(`${name}${index}`);
            add(`${name}${index}`);
            const before = names().slice(0, names().indexOf(`${name}${index}`));
            const isFirst = !before.some((one) => one?.startsWith(name));
            for (const other of 'abcd')
              if (isFirst)
                expect(before.filter((one) => one?.startsWith(other)).length < 3).toBe(true);
          }
        }
        while (take() !== undefined);
        expect(heard.toSorted()).toEqual(added.toSorted());
        for (const member of 'abcd')
          expect(heard.filter((name) => name.startsWith(member))).toEqual(
            added.filter((name) => name.startsWith(member)),
          );
      }),
    );
  });
});
