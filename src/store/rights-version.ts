import type BetterSqlite from 'better-sqlite3';

/** All that can take a right to speak from somebody who had it. */
const CHANGES = [
  'update of is_off on guild',
  'insert on access_rule',
  'update on access_rule',
  'delete on access_rule',
  'insert on block',
  'update on block',
  'delete on member',
  'delete on voice',
];

/**
 * Tells what is another value whenever a right to speak may have gone, whoever wrote it, another
 * process too: it is asked twice a second of each line, and five queries each time cost a tenth of a
 * core where a hundred are heard.
 */
export function watchRights(sqlite: BetterSqlite.Database): () => string {
  let changes = 0;
  sqlite.function('right_changed', () => {
    changes += 1;
    return null;
  });
  for (const [index, change] of CHANGES.entries())
    sqlite.exec(
      `create temp trigger right_${index} after ${change} begin select right_changed(); end`,
    );
  // Only what others write.
  const version = sqlite.prepare('pragma data_version').pluck();
  return () => `${version.get()}:${changes}`;
}
