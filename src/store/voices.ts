import { randomBytes, randomUUID } from 'node:crypto';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { MemberRef } from '../domain/ids.ts';
import { foldName } from '../domain/text.ts';
import type { Clock } from '../domain/time.ts';
import type { Handle, Retention, Voice } from '../domain/voice.ts';
import { contexts, KEY_BYTES, seal, unseal } from './envelope.ts';
import type { Tables, VoiceTable } from './schema.ts';

export interface NewVoice {
  readonly owner: MemberRef;
  /** The consent it was made under: without one there is no voice. */
  readonly consent: string;
  readonly name: string;
  readonly model: string;
  readonly language: string | undefined;
  readonly retention: Retention;
  readonly handle: Handle;
  /** The cleaned recording, or undefined where the member does not want it kept. */
  readonly sample: Uint8Array | undefined;
  readonly sampleSeconds: number;
  /** The voice that gives way to this one, in the same transaction. */
  readonly replaces: string | undefined;
}

/** What members own. Handles and recordings are sealed under a key per voice. */
export interface VoiceStore {
  create(voice: NewVoice): Promise<Voice>;
  /** The oldest first. */
  list(owner: MemberRef): Promise<readonly Voice[]>;
  find(id: string): Promise<Voice | undefined>;
  setDefault(id: string): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  delete(id: string): Promise<void>;
  touch(id: string, used: { lastUsedAt: number; expiresAt: number | undefined }): Promise<void>;
  readHandle(id: string): Promise<Handle | undefined>;
  replaceHandle(id: string, handle: Handle): Promise<void>;
  markHandleDead(id: string): Promise<void>;
  readSample(id: string): Promise<Uint8Array | undefined>;
}

type VoiceRow = Omit<Selectable<VoiceTable>, 'handle' | 'data_key' | 'consent' | 'folded_name'> & {
  readonly has_sample: number | bigint | string;
};

export function createVoiceStore(
  db: Kysely<Tables>,
  { masterKey, clock, checkpoint }: { masterKey: Buffer; clock: Clock; checkpoint: () => void },
): VoiceStore {
  const find: VoiceStore['find'] = async (id) => {
    const row = await selectVoices(db).where('voice.id', '=', id).executeTakeFirst();
    return row && readVoice(row);
  };

  return {
    find,

    async list(owner) {
      const rows = await selectVoices(db)
        .where('voice.owner', '=', owner)
        .orderBy('voice.created_at')
        .execute();
      return rows.map(readVoice);
    },

    async create(voice) {
      const id = randomUUID();
      const dataKey = randomBytes(KEY_BYTES);
      const now = clock();
      await db.transaction().execute(async (trx) => {
        const isDefault = await makeRoom(trx, voice);
        await trx
          .insertInto('voice')
          .values({
            id,
            owner: voice.owner,
            consent: voice.consent,
            name: voice.name,
            folded_name: foldName(voice.name),
            model: voice.model,
            language: voice.language ?? null,
            retention: voice.retention,
            data_key: seal(masterKey, dataKey, contexts.dataKey(id, voice.owner)),
            handle: sealHandle(dataKey, voice.handle, id, voice.owner),
            expires_at: voice.handle.expiresAt,
            is_default: isDefault ? 1 : 0,
            sample_seconds: voice.sampleSeconds,
            created_at: now,
            last_used_at: now,
          })
          .execute();
        if (!voice.sample) return;
        const bytes = seal(dataKey, voice.sample, contexts.sample(id, voice.owner));
        await trx.insertInto('sample').values({ voice: id, bytes }).execute();
      });
      // What the replaced voice was sealed under must not stay behind in the log.
      if (voice.replaces !== undefined) checkpoint();
      const created = await find(id);
      if (!created) throw new Error('Cannot find the voice that was just created');
      return created;
    },

    async setDefault(id) {
      await db.transaction().execute(async (trx) => {
        const owner = trx.selectFrom('voice').select('owner').where('id', '=', id);
        await trx.updateTable('voice').set({ is_default: 0 }).where('owner', '=', owner).execute();
        await trx.updateTable('voice').set({ is_default: 1 }).where('id', '=', id).execute();
      });
    },

    async rename(id, name) {
      await db
        .updateTable('voice')
        .set({ name, folded_name: foldName(name) })
        .where('id', '=', id)
        .execute();
    },

    async delete(id) {
      await db.transaction().execute((trx) => remove(trx, id));
      checkpoint();
    },

    async touch(id, { lastUsedAt, expiresAt }) {
      await db
        .updateTable('voice')
        .set({
          last_used_at: lastUsedAt,
          ...(expiresAt !== undefined && { expires_at: expiresAt }),
        })
        .where('id', '=', id)
        .execute();
    },

    async readHandle(id) {
      const row = await findSealed(id);
      if (!row?.handle || row.expires_at === null) return undefined;
      const plain = unseal(row.dataKey, row.handle, contexts.handle(id, row.owner));
      return { id: plain.toString(), expiresAt: row.expires_at };
    },

    async replaceHandle(id, handle) {
      const row = await findSealed(id);
      // Deleted while it was being renewed: the new handle lapses by itself.
      if (!row) return;
      await db
        .updateTable('voice')
        .set({
          handle: sealHandle(row.dataKey, handle, id, row.owner),
          expires_at: handle.expiresAt,
        })
        .where('id', '=', id)
        .execute();
    },

    async markHandleDead(id) {
      await db
        .updateTable('voice')
        .set({ handle: null, expires_at: null })
        .where('id', '=', id)
        .execute();
    },

    async readSample(id) {
      const row = await findSealed(id);
      const sample = await db
        .selectFrom('sample')
        .select('bytes')
        .where('voice', '=', id)
        .executeTakeFirst();
      if (!row || !sample) return undefined;
      return unseal(row.dataKey, sample.bytes, contexts.sample(id, row.owner));
    },
  };

  async function findSealed(id: string) {
    const row = await db
      .selectFrom('voice')
      .select(['owner', 'data_key', 'handle', 'expires_at'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) return undefined;
    const dataKey = unseal(masterKey, row.data_key, contexts.dataKey(id, row.owner));
    return { ...row, dataKey };
  }
}

function selectVoices(db: Kysely<Tables>) {
  return db
    .selectFrom('voice')
    .leftJoin('sample', 'sample.voice', 'voice.id')
    .select([
      'voice.id',
      'voice.owner',
      'voice.name',
      'voice.model',
      'voice.language',
      'voice.retention',
      'voice.expires_at',
      'voice.is_default',
      'voice.sample_seconds',
      'voice.created_at',
      'voice.last_used_at',
    ])
    .select(({ eb }) => eb('sample.voice', 'is not', null).as('has_sample'))
    .$castTo<VoiceRow>();
}

function readVoice(row: VoiceRow): Voice {
  return {
    id: row.id,
    owner: row.owner,
    name: row.name,
    model: row.model,
    language: row.language ?? undefined,
    retention: row.retention,
    expiresAt: row.expires_at ?? undefined,
    hasSample: Boolean(row.has_sample),
    isDefault: row.is_default === 1,
    sampleSeconds: row.sample_seconds,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

/** Takes the replaced voice away; tells whether the new one becomes the default. */
async function makeRoom(trx: Transaction<Tables>, { owner, replaces }: NewVoice): Promise<boolean> {
  const replaced = await trx
    .selectFrom('voice')
    .select('is_default')
    .where('id', '=', replaces ?? '')
    .where('owner', '=', owner)
    .executeTakeFirst();
  if (replaced)
    await trx
      .deleteFrom('voice')
      .where('id', '=', replaces ?? '')
      .execute();
  if (replaced?.is_default === 1) return true;
  const other = await trx
    .selectFrom('voice')
    .select('id')
    .where('owner', '=', owner)
    .limit(1)
    .executeTakeFirst();
  return other === undefined;
}

/** After the default voice the oldest that is left becomes the default. */
async function remove(trx: Transaction<Tables>, id: string): Promise<void> {
  const gone = await trx
    .deleteFrom('voice')
    .where('id', '=', id)
    .returning(['owner', 'is_default'])
    .executeTakeFirst();
  if (gone?.is_default !== 1) return;
  const oldest = trx
    .selectFrom('voice')
    .select('id')
    .where('owner', '=', gone.owner)
    .orderBy('created_at')
    .limit(1);
  await trx.updateTable('voice').set({ is_default: 1 }).where('id', '=', oldest).execute();
}

function sealHandle(dataKey: Buffer, handle: Handle, id: string, owner: MemberRef): Buffer {
  return seal(dataKey, Buffer.from(handle.id), contexts.handle(id, owner));
}
