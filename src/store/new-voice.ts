import type { Transaction } from 'kysely';
import { UserError } from '../domain/errors.ts';
import type { MemberRef } from '../domain/ids.ts';
import { foldName } from '../domain/text.ts';
import type { Handle, Retention } from '../domain/voice.ts';
import { withFreeName } from './free-name.ts';
import type { Tables } from './schema.ts';
import { sealNew } from './voice-secrets.ts';

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

/**
 * Writes a voice that was just made, in place of the one it replaces.
 * @throws UserError E_CONSENT_NEEDED, E_NAME_TAKEN.
 */
export async function addVoice(
  trx: Transaction<Tables>,
  voice: NewVoice,
  { masterKey, at }: { masterKey: Buffer; at: number },
): Promise<void> {
  await checkConsent(trx, voice);
  const isDefault = await makeRoom(trx, voice);
  await insert(trx, voice, { isDefault, masterKey, at });
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
  { isDefault, masterKey, at }: { isDefault: boolean; masterKey: Buffer; at: number },
): Promise<void> {
  const { id } = voice;
  const { dataKey, handle, sample } = sealNew(masterKey, voice);
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
