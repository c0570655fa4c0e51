import type { Kysely, Selectable, Transaction } from 'kysely';
import { UserError } from '../domain/errors.ts';
import type { MemberRef } from '../domain/ids.ts';
import { foldName } from '../domain/text.ts';
import type { Clock } from '../domain/time.ts';
import type { Handle, Retention, Voice } from '../domain/voice.ts';
import type { Deletion } from './deletion.ts';
import type { Tables, VoiceTable } from './schema.ts';
import { codeOf } from './store-error.ts';
import { createVoiceSecrets, sealNew, type VoiceSecrets } from './voice-secrets.ts';

export interface NewVoice {
  /** Random. */
  readonly id: string;
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

/** What members own. */
export interface VoiceStore extends VoiceSecrets {
  /** @throws UserError E_CONSENT_NEEDED when the owner took the consent back meanwhile, E_NAME_TAKEN. */
  create(voice: NewVoice): Promise<Voice>;
  /** The oldest first. */
  list(owner: MemberRef): Promise<readonly Voice[]>;
  find(id: string): Promise<Voice | undefined>;
  setDefault(id: string): Promise<void>;
  /** @throws UserError E_NAME_TAKEN. */
  rename(id: string, name: string): Promise<void>;
  delete(id: string): Promise<void>;
  /** How many are in use, can be renewed, and lapse before then or have lapsed. */
  countDue(when: { before: number; usedSince: number }): Promise<number>;
  /** Deletes another voice of the same owner, and makes this one the default under that name. */
  takePlace(id: string, of: { readonly of: string; readonly name: string }): Promise<void>;
  touch(id: string, used: { lastUsedAt: number; expiresAt: number | undefined }): Promise<void>;
}

type VoiceRow = Omit<Selectable<VoiceTable>, 'handle' | 'data_key' | 'consent' | 'folded_name'> & {
  readonly has_sample: number | bigint | string;
  readonly consent_version: string;
};

export function createVoiceStore(
  db: Kysely<Tables>,
  options: { masterKey: Buffer; clock: Clock; deletion: Deletion },
): VoiceStore {
  const { masterKey, clock, deletion } = options;
  const find: VoiceStore['find'] = async (id) => {
    const row = await selectVoices(db).where('voice.id', '=', id).executeTakeFirst();
    return row && readVoice(row);
  };

  return {
    ...createVoiceSecrets(db, masterKey),
    find,

    async list(owner) {
      const rows = await selectVoices(db)
        .where('voice.owner', '=', owner)
        .orderBy('voice.created_at')
        .execute();
      return rows.map(readVoice);
    },

    async create(voice) {
      const { id } = voice;
      await db.transaction().execute(async (trx) => {
        await checkConsent(trx, voice);
        const isDefault = await makeRoom(trx, voice);
        await insert(trx, voice, { id, isDefault, masterKey, at: clock() });
      });
      // Nothing of the replaced voice may stay behind in the log or the cache.
      if (voice.replaces !== undefined) await deletion.erase();
      const created = await find(id);
      if (!created) throw new Error('Cannot find the voice that was just created');
      return created;
    },

    async setDefault(id) {
      await db.transaction().execute((trx) => makeDefault(trx, id));
    },

    async rename(id, name) {
      const renaming = db
        .updateTable('voice')
        .set({ name, folded_name: foldName(name) })
        .where('id', '=', id);
      await withFreeName(name, () => renaming.execute());
    },

    async delete(id) {
      await deletion.run(() => db.transaction().execute((trx) => remove(trx, id)));
    },

    async takePlace(id, { of, name }) {
      await db.transaction().execute(async (trx) => {
        await trx.deleteFrom('voice').where('id', '=', of).execute();
        await makeDefault(trx, id);
        await trx
          .updateTable('voice')
          .set({ name, folded_name: foldName(name) })
          .where('id', '=', id)
          .execute();
      });
      await deletion.erase();
    },

    async countDue({ before, usedSince }) {
      const { due } = await db
        .selectFrom('voice')
        .innerJoin('sample', 'sample.voice', 'voice.id')
        .select(({ fn }) => fn.countAll<number>().as('due'))
        .where('last_used_at', '>=', usedSince)
        .where(({ eb, or }) => or([eb('handle', 'is', null), eb('expires_at', '<', before)]))
        .executeTakeFirstOrThrow();
      return Number(due);
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
  };
}

function selectVoices(db: Kysely<Tables>) {
  return db
    .selectFrom('voice')
    .leftJoin('sample', 'sample.voice', 'voice.id')
    .innerJoin('consent', 'consent.id', 'voice.consent')
    .select([
      'consent.version as consent_version',
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
    consentVersion: row.consent_version,
    isDefault: row.is_default === 1,
    sampleSeconds: row.sample_seconds,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}

async function makeDefault(trx: Transaction<Tables>, id: string): Promise<void> {
  const owner = trx.selectFrom('voice').select('owner').where('id', '=', id);
  await trx.updateTable('voice').set({ is_default: 0 }).where('owner', '=', owner).execute();
  await trx.updateTable('voice').set({ is_default: 1 }).where('id', '=', id).execute();
}

/** It may be gone: a member can delete everything while their recording is at the provider. */
async function checkConsent(trx: Transaction<Tables>, { consent, owner }: NewVoice): Promise<void> {
  const given = await trx
    .selectFrom('consent')
    .select('id')
    .where('id', '=', consent)
    .where('member', '=', owner)
    .executeTakeFirst();
  if (!given) throw new UserError({ code: 'E_CONSENT_NEEDED' });
}

/** Takes the replaced voice away; tells whether the new one becomes the default. */
async function makeRoom(trx: Transaction<Tables>, { owner, replaces }: NewVoice): Promise<boolean> {
  if (replaces !== undefined) {
    const replaced = await trx
      .deleteFrom('voice')
      .where('id', '=', replaces)
      .where('owner', '=', owner)
      .returning('is_default')
      .executeTakeFirst();
    if (replaced?.is_default === 1) return true;
  }
  const other = await trx
    .selectFrom('voice')
    .select('id')
    .where('owner', '=', owner)
    .limit(1)
    .executeTakeFirst();
  return other === undefined;
}

async function insert(
  trx: Transaction<Tables>,
  voice: NewVoice,
  {
    id,
    isDefault,
    masterKey,
    at,
  }: { id: string; isDefault: boolean; masterKey: Buffer; at: number },
): Promise<void> {
  const { dataKey, handle, sample } = sealNew(masterKey, { ...voice, id });
  const inserting = trx.insertInto('voice').values({
    id,
    owner: voice.owner,
    consent: voice.consent,
    name: voice.name,
    folded_name: foldName(voice.name),
    model: voice.model,
    language: voice.language ?? null,
    retention: voice.retention,
    data_key: dataKey,
    handle,
    expires_at: voice.handle.expiresAt,
    is_default: isDefault ? 1 : 0,
    sample_seconds: voice.sampleSeconds,
    created_at: at,
    last_used_at: at,
  });
  await withFreeName(voice.name, () => inserting.execute());
  if (sample) await trx.insertInto('sample').values({ voice: id, bytes: sample }).execute();
}

/** The only thing unique in a voice, beside its random id, is its folded name among its owner's. */
async function withFreeName(name: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (codeOf(error) !== 'SQLITE_CONSTRAINT_UNIQUE') throw error;
    throw new UserError({ code: 'E_NAME_TAKEN', name, by: 'own' });
  }
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
