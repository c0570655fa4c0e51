import type { Kysely, Selectable, Transaction } from 'kysely';
import type { MemberRef } from '../domain/ids.ts';
import { foldName } from '../domain/text.ts';
import type { Clock } from '../domain/time.ts';
import type { Voice } from '../domain/voice.ts';
import type { Deletion } from './deletion.ts';
import { withFreeName } from './free-name.ts';
import { addVoice, type NewVoice } from './new-voice.ts';
import type { Tables, VoiceTable } from './schema.ts';
import { createVoiceSecrets, type VoiceSecrets } from './voice-secrets.ts';

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
      await db.transaction().execute((trx) => addVoice(trx, voice, { masterKey, at: clock() }));
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
