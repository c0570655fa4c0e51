import type BetterSqlite from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type DialectAdapter,
  type Driver,
  SelectQueryNode,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from 'kysely';
import { createPatience } from './patience.ts';

/** Kysely's SQLite, with transactions as SQLite has them, and with patience for other processes. */
export class Dialect extends SqliteDialect {
  readonly #database: BetterSqlite.Database;

  /** @param database opened without a timeout of its own: SQLite would wait on the event loop. */
  constructor(database: BetterSqlite.Database) {
    super({ database });
    this.#database = database;
  }

  override createDriver(): Driver {
    return new PatientDriver(this.#database);
  }

  override createAdapter(): DialectAdapter {
    return new Adapter();
  }
}

class Adapter extends SqliteAdapter {
  /** Kysely would run each statement of a migration by itself: one that is cut short would leave half. */
  override get supportsTransactionalDdl(): boolean {
    return true;
  }

  /** Kysely would let everybody wait for whoever waits for another process. */
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

/** The transaction that is under way on the one handle there is. */
interface OpenTransaction {
  readonly by: DatabaseConnection;
  readonly over: Promise<void>;
  end(): void;
}

/**
 * Shares one handle. Writes go in the order they came. While the first of them waits for another
 * process's lock, reads go on; they wait only for a transaction of ours that is under way.
 */
class PatientDriver extends SqliteDriver {
  readonly #database: BetterSqlite.Database;
  readonly #untilWritable = createPatience();
  readonly #untilReadable = createPatience();
  #lastWrite = Promise.resolve();
  #open: OpenTransaction | undefined;

  constructor(database: BetterSqlite.Database) {
    super({ database });
    this.#database = database;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const handle = await super.acquireConnection();
    const connection: DatabaseConnection = {
      executeQuery: async <R>(query: CompiledQuery) => {
        const run = () => handle.executeQuery<R>(query);
        if (this.#open?.by === connection) return await run();
        if (SelectQueryNode.is(query.query)) return await this.#read(run);
        return await this.#write(run);
      },
      streamQuery: (query, size) => handle.streamQuery(query, size),
    };
    return connection;
  }

  /** All of ours write; another process's write between our read and our write would fail ours. */
  override async beginTransaction(by: DatabaseConnection): Promise<void> {
    const handle = await super.acquireConnection();
    const leave = await this.#enter();
    try {
      await this.#untilWritable(() => handle.executeQuery(CompiledQuery.raw('begin immediate')));
    } catch (error) {
      leave();
      throw error;
    }
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const end = () => {
      this.#open = undefined;
      resolve();
      leave();
    };
    this.#open = { by, over, end };
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await super.commitTransaction(connection);
    this.#endOf(connection);
  }

  /** When the disk is full SQLite rolls back by itself; doing it again would hide the reason. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      if (this.#database.inTransaction) await super.rollbackTransaction(connection);
    } finally {
      this.#endOf(connection);
    }
  }

  #endOf(connection: DatabaseConnection): void {
    if (this.#open?.by === connection) this.#open.end();
  }

  async #read<T>(run: () => Promise<T>): Promise<T> {
    return await this.#untilReadable(async () => {
      while (this.#open) await this.#open.over;
      return await run();
    });
  }

  async #write<T>(run: () => Promise<T>): Promise<T> {
    const leave = await this.#enter();
    try {
      return await this.#untilWritable(run);
    } finally {
      leave();
    }
  }

  /** Resolves when all who came before have left. */
  async #enter(): Promise<() => void> {
    const before = this.#lastWrite;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#lastWrite = promise;
    await before;
    return resolve;
  }
}
