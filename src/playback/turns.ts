import type { Snowflake } from '../domain/ids.ts';

interface Turn {
  readonly line: { readonly requester: Snowflake };
}

/**
 * The order in which waiting lines are heard: members take turns, whoever was heard longest ago
 * first, each with their own lines in the order they came.
 * @param waiting in the order they came.
 * @param heardBefore the members in the order they were last heard.
 */
export function inTurn<T extends Turn>(
  waiting: readonly T[],
  heardBefore: readonly Snowflake[],
): readonly T[] {
  const lines = Map.groupBy(waiting, ({ line }) => line.requester);
  // Who was never heard comes before all who were.
  const fresh = [...lines.keys()].filter((member) => !heardBefore.includes(member));
  const members = [...fresh, ...heardBefore.filter((member) => lines.has(member))];
  const rounds = Math.max(0, ...Array.from(lines.values(), ({ length }) => length));
  return Array.from({ length: rounds }, (_, round) =>
    members.flatMap((member) => lines.get(member)?.[round] ?? []),
  ).flat();
}
