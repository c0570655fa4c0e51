import { createHmac, hkdfSync } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { MemberRef } from '../domain/ids.ts';
import { type Clock, MINUTE_MS } from '../domain/time.ts';
import { keepBooks } from './bookkeeping.ts';
import { contexts, KEY_BYTES, seal, unseal } from './envelope.ts';
import type { Tables } from './schema.ts';
import { readDataKey } from './voice-secrets.ts';

/** What was spoken lately, encrypted in files, the least recently used going first. */
export interface SoundCache {
  has(sound: SoundKey): Promise<boolean>;
  read(sound: SoundKey): Promise<Uint8Array | undefined>;
  /** Does nothing where the voice is gone, or the cache too small. */
  write(sound: SoundKey, bytes: Uint8Array): Promise<void>;
  /** Deletes what belongs to nobody any more, or is too much. */
  sweep(): Promise<void>;
}

export interface SoundKey {
  /** Whoever had it spoken, and whom it goes with. */
  readonly member: MemberRef;
  /** The member's voice it is in, and goes with too; undefined for a stock voice. */
  readonly voice: string | undefined;
  /** All that decides how it sounds, the text too: only a keyed hash of it is kept. */
  readonly recipe: string;
}

/** A use is noted once in this time, or what is said over and over would be a write to disk each. */
const NOTED_MS = MINUTE_MS;

/** The folder may hold what is not ours. */
const IS_OURS = /^[0-9a-f]{64}$/;

/** @param folder made when it is first written to. @param maxBytes zero keeps nothing. */
export function createSoundCache(
  db: Kysely<Tables>,
  options: { folder: string; maxBytes: number; masterKey: Buffer; clock: Clock; log: Logger },
): SoundCache {
  const { folder, maxBytes, masterKey, clock, log } = options;
  const stockKey = Buffer.from(hkdfSync('sha256', masterKey, '', 'stock voices', KEY_BYTES));

  /** Under the voice's own key: deleting the voice makes what is left of it unreadable. */
  async function locate({ member, voice, recipe }: SoundKey) {
    const key = voice === undefined ? stockKey : await readDataKey(db, masterKey, voice);
    if (!key) return undefined;
    const id = createHmac('sha256', key).update(`${member} ${recipe}`).digest('hex');
    return { key, id, path: join(folder, id), context: contexts.sound(id) };
  }

  async function remove(ids: readonly string[]): Promise<void> {
    await db.deleteFrom('cache').where('id', 'in', ids).execute();
    for (const id of ids) await rm(join(folder, id), { force: true });
  }

  async function makeRoom(): Promise<void> {
    const { total } = await db
      .selectFrom('cache')
      .select(({ fn }) => fn.sum<number | null>('bytes').as('total'))
      .executeTakeFirstOrThrow();
    let over = Number(total ?? 0) - maxBytes;
    if (over <= 0) return;
    const rows = await db.selectFrom('cache').select(['id', 'bytes']).orderBy('used_at').execute();
    const oldest = rows.filter(({ bytes }) => {
      const isOver = over > 0;
      over -= bytes;
      return isOver;
    });
    await remove(oldest.map(({ id }) => id));
  }

  async function find(sound: SoundKey) {
    const place = maxBytes === 0 ? undefined : await locate(sound);
    if (!place) return undefined;
    const row = await db
      .selectFrom('cache')
      .select('used_at')
      .where('id', '=', place.id)
      .executeTakeFirst();
    return row && { ...place, ...row };
  }

  /** Nobody waits for it: it only decides what goes first. */
  async function noteUse(id: string): Promise<void> {
    const noting = db.updateTable('cache').set({ used_at: clock() }).where('id', '=', id);
    await keepBooks(async () => void (await noting.execute()), {
      missing: 'the use of a sound was not noted',
      log,
    });
  }

  return {
    has: async (sound) => (await find(sound)) !== undefined,

    async read(sound) {
      const found = await find(sound);
      if (!found) return undefined;
      const { id, key, path, context, used_at: usedAt } = found;
      try {
        const bytes = unseal(key, await readFile(path), context);
        if (usedAt < clock() - NOTED_MS) void noteUse(id);
        return bytes;
      } catch {
        // Damaged or gone: it is made anew.
        await remove([id]);
        return undefined;
      }
    },

    async write(sound, bytes) {
      const place = await locate(sound);
      if (!place || bytes.byteLength > maxBytes) return;
      const { id, key, path, context } = place;
      const { member, voice = null } = sound;
      const values = { member, voice, bytes: bytes.byteLength, used_at: clock() };
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(path, seal(key, bytes, context), { mode: 0o600 });
      try {
        await db
          .insertInto('cache')
          .values({ id, ...values })
          .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
          .execute();
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
      await makeRoom();
    },

    async sweep() {
      await makeRoom();
      const known = new Set(
        (await db.selectFrom('cache').select('id').execute()).map(({ id }) => id),
      );
      const files = await readdir(folder).catch(() => []);
      for (const file of files)
        if (IS_OURS.test(file) && !known.has(file)) await rm(join(folder, file), { force: true });
    },
  };
}
