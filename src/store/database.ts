import { closeSync, existsSync, openSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Dialect } from './dialect.ts';
import { migrations } from './migrations.ts';
import { createPatience } from './patience.ts';
import { watchRights } from './rights-version.ts';
import type { Tables } from './schema.ts';
import { codeOf, isBusy, isDiskFull, StoreError } from './store-error.ts';

/** How long the start waits for another process inside SQLite; the wait blocks the event loop. */
const START_TIMEOUT_MS = 250;

/** An open database; disposing of it leaves one whole file, without a log beside it. */
export interface Database extends AsyncDisposable {
  readonly db: Kysely<Tables>;
  /**
   * Moves all of the write-ahead log into the file and empties it, so that deleted bytes are gone.
   * @throws SQLite's own SQLITE_BUSY while another process reads or writes for long, SQLITE_FULL.
   */
  checkpoint(): Promise<void>;
  /** Another value whenever a right to speak may have gone. */
  rightsVersion(): string;
}

/**
 * Opens the SQLite file, alone, and brings its tables up to date.
 * @param options.isKeyGiven whether the key that belongs to it stands elsewhere than beside it.
 * @throws StoreError 'locked', 'newer', 'corrupt'.
 */
export async function openDatabase(
  path: string,
  { isKeyGiven = false }: { isKeyGiven?: boolean } = {},
): Promise<Database> {
  await using opening = new AsyncDisposableStack();
  checkNotEmptied(path, isKeyGiven);
  opening.defer(lock(`${path}.lock`));
  const sqlite = opening.adopt(open(path), (file) => void file.close());
  prepare(sqlite, path);
  sqlite.pragma('busy_timeout = 0');
  const db = new Kysely<Tables>({ dialect: new Dialect(sqlite) });
  opening.defer(() => db.destroy());
  await migrate(db);
  const emptyLog = async () => {
    // Through Kysely, which lets a transaction that is under way end first.
    const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db);
    return rows[0]?.busy === 0;
  };
  opening.defer(async () => {
    await emptyLog().catch((error: unknown) => {
      // Then the log stays beside the file, whole.
      if (!isDiskFull(error)) throw error;
    });
  });
  const untilUnread = createPatience();
  const checkpoint = () =>
    untilUnread(async () => {
      // Who still reads from the log (a backup) is told in a row, not as an error.
      if (!(await emptyLog())) throw new BetterSqlite.SqliteError('The log is read', 'SQLITE_BUSY');
    });
  const rightsVersion = watchRights(sqlite);
  const opened = opening.move();
  return { db, checkpoint, rightsVersion, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** A new database is no file yet; an empty one for which there is a key may have been emptied. */
function checkNotEmptied(path: string, isKeyGiven: boolean): void {
  if (!existsSync(path) || statSync(path).size > 0) return;
  if (!isKeyGiven && !existsSync(join(dirname(path), 'master.key'))) return;
  throw new StoreError(
    'corrupt',
    `The database ${path} is an empty file, though there is a key for it already. Restore it from a backup, or move it away to start anew.`,
  );
}

/**
 * An exclusive transaction on a file beside the database: the system gives it back when the process
 * ends in whatever way.
 */
function lock(path: string): () => void {
  const file = new BetterSqlite(path, { timeout: START_TIMEOUT_MS });
  try {
    file.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    if (!isBusy(error)) throw error;
    throw new StoreError(
      'locked',
      `Another instance is running on this database (it holds ${path}). Stop it first.`,
      { cause: error },
    );
  }
  return () => void file.close();
}

/** A new file is for its owner's eyes only; SQLite gives the log beside it the same rights. */
function open(path: string): BetterSqlite.Database {
  closeSync(openSync(path, 'a', 0o600));
  return new BetterSqlite(path, { timeout: START_TIMEOUT_MS });
}

function prepare(sqlite: BetterSqlite.Database, path: string): void {
  try {
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('synchronous = FULL');
    sqlite.pragma('foreign_keys = ON');
    sqlite.pragma('secure_delete = ON');
    // Half a second a gigabyte: damage is found now, not in the middle of somebody's line.
    if (sqlite.pragma('quick_check(1)', { simple: true }) === 'ok') return;
  } catch (error) {
    if (!/^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error))) throw error;
  }
  throw new StoreError(
    'corrupt',
    `The database ${path} cannot be read. Restore it from a backup, or move it away to start anew.`,
  );
}

async function migrate(db: Kysely<Tables>): Promise<void> {
  const provider = { getMigrations: () => Promise.resolve({ ...migrations }) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error === undefined) return;
  if (error instanceof Error && /corrupted migrations/i.test(error.message))
    throw new StoreError(
      'newer',
      'The database was written by a newer Myna. Update this one, or restore an older backup.',
      { cause: error },
    );
  throw error;
}
