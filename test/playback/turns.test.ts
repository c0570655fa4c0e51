import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inTurn } from '../../src/playback/turns.ts';

const line = (name: string) => ({ name, line: { requester: name.slice(0, 1) } });
const order = (names: readonly string[], heard: readonly string[] = []) =>
  inTurn(names.map(line), heard).map(({ name }) => name);

test('members take turns, each with their own lines in order', () => {
  expect(order(['a1', 'a2', 'a3', 'b1', 'c1', 'b2'])).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('who was heard last waits longest, who was never heard comes first', () => {
  expect(order(['a1', 'b1', 'c1'], ['b', 'a'])).toEqual(['c1', 'b1', 'a1']);
  expect(order(['a1', 'a2'], ['b', 'a'])).toEqual(['a1', 'a2']);
  expect(order([])).toEqual([]);
});

test('nothing is lost or doubled, and nobody waits for more than one line of each other member', () => {
  const names = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 20 });
  fc.assert(
    fc.property(names, fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd')), (members, heard) => {
      const waiting = members.map((member, index) => `${member}${index}`);
      const turns = order(waiting, heard);
      expect(turns.toSorted()).toEqual(waiting.toSorted());
      for (const member of new Set(members)) {
        const own = turns.filter((name) => name.startsWith(member));
        expect(own).toEqual(waiting.filter((name) => name.startsWith(member)));
        const before = turns.slice(0, turns.indexOf(own[0] ?? ''));
        expect(new Set(before.map((name) => name[0])).size).toBe(before.length);
      }
    }),
  );
});
