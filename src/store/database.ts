import BetterSqlite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from './migrations.ts';
import type { Tables } from './schema.ts';
import { StoreError } from './store-error.ts';

/** How long a statement waits for another process; the wait blocks the event loop. */
const BUSY_TIMEOUT_MS = 250;

export interface Database {
  readonly db: Kysely<Tables>;
  /** Moves all of the write-ahead log into the file and empties it, so that deleted bytes are gone. */
  checkpoint(): void;
  close(): Promise<void>;
}

/**
 * Opens the SQLite file, alone, and brings its tables up to date.
 * @throws StoreError 'locked', 'newer', 'corrupt'.
 */
export async function openDatabase(path: string): Promise<Database> {
  const unlock = lock(`${path}.lock`);
  try {
    const sqlite = open(path);
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }) });
    await migrate(db);
    const checkpoint = () => void sqlite.pragma('wal_checkpoint(TRUNCATE)');
    return {
      db,
      checkpoint,
      async close() {
        checkpoint();
        await db.destroy();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/**
 * An exclusive transaction on a file beside the database: the system gives it back when the process
 * ends in whatever way.
 */
function lock(path: string): () => void {
  const file = new BetterSqlite(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    file.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    file.close();
    throw new StoreError(
      'locked',
      `Another instance is running on this database (it holds ${path}). Stop it first.`,
      { cause: error },
    );
  }
  return () => void file.close();
}

function open(path: string) {
  try {
    const sqlite = new BetterSqlite(path, { timeout: BUSY_TIMEOUT_MS });
    sqlite.pragma('journal_mode = WAL');
    sqlite.pragma('synchronous = FULL');
    sqlite.pragma('foreign_keys = ON');
    sqlite.pragma('secure_delete = ON');
    return sqlite;
  } catch (error) {
    throw new StoreError(
      'corrupt',
      `The database ${path} cannot be read. Restore it from a backup, or move it away to start anew.`,
      { cause: error },
    );
  }
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
