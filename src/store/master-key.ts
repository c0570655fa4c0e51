import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Kysely } from 'kysely';
import { readKey } from '../domain/key-text.ts';
import { KEY_BYTES } from './envelope.ts';
import type { Tables } from './schema.ts';
import { StoreError } from './store-error.ts';

/**
 * The key that wraps all others: the given value, or `master.key` beside the database. It is made
 * only while the database holds nothing encrypted, and must match the check stored with it.
 * @throws StoreError 'key-bad', 'key-missing', 'key-mismatch'; then nothing was written.
 */
export async function obtainMasterKey(
  db: Kysely<Tables>,
  options: { databasePath: string; value: string | undefined },
): Promise<Buffer> {
  const file = join(dirname(options.databasePath), 'master.key');
  const given = options.value ?? readKeyFile(file);
  const check = await db.selectFrom('key_check').select('digest').executeTakeFirst();
  if (given !== undefined) {
    const key = parseKey(given, options.value === undefined ? file : 'MASTER_KEY');
    if (!check) await keepCheck(db, key);
    else if (!timingSafeEqual(check.digest, digestOf(key)))
      throw new StoreError(
        'key-mismatch',
        'The master key is not the one this database was encrypted with. Put back the right MASTER_KEY or master.key.',
      );
    return key;
  }
  if (check && (await holdsSecrets(db)))
    throw new StoreError(
      'key-missing',
      `The database holds encrypted voices, but ${file} is gone and MASTER_KEY is not set. Put the key back from its backup.`,
    );
  const key = randomBytes(KEY_BYTES);
  writeKeyFile(file, key);
  await keepCheck(db, key);
  return key;
}

function readKeyFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StoreError('key-bad', `${path} cannot be read: give it to the user of the bot.`, {
      cause: error,
    });
  }
}

function parseKey(text: string, source: string): Buffer {
  const key = readKey(text);
  if (key) return key;
  throw new StoreError(
    'key-bad',
    `${source} is not a key: it must be ${KEY_BYTES} bytes as base64 or hexadecimal.`,
  );
}

/** Whole or not at all, also through a power cut. */
function writeKeyFile(path: string, key: Buffer): void {
  const draft = `${path}.new`;
  writeFileSync(draft, `${key.toString('base64')}\n`, { mode: 0o600, flush: true });
  renameSync(draft, path);
}

async function keepCheck(db: Kysely<Tables>, key: Buffer): Promise<void> {
  const digest = digestOf(key);
  await db
    .insertInto('key_check')
    .values({ id: 1, digest })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ digest }))
    .execute();
}

async function holdsSecrets(db: Kysely<Tables>): Promise<boolean> {
  const voice = await db.selectFrom('voice').select('id').limit(1).executeTakeFirst();
  const pending = await db
    .selectFrom('pending')
    .select('interaction_id')
    .limit(1)
    .executeTakeFirst();
  return voice !== undefined || pending !== undefined;
}

function digestOf(key: Buffer): Buffer {
  return createHmac('sha256', key).update('myna key check').digest();
}
