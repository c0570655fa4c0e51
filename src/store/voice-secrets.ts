import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { MemberRef } from '../domain/ids.ts';
import type { Handle } from '../domain/voice.ts';
import { contexts, KEY_BYTES, seal, unseal } from './envelope.ts';
import type { Tables } from './schema.ts';

/** Handles and recordings, each voice's sealed under a key of its own. */
export interface VoiceSecrets {
  readHandle(id: string): Promise<Handle | undefined>;
  replaceHandle(id: string, handle: Handle): Promise<void>;
  readSample(id: string): Promise<Uint8Array | undefined>;
}

export function createVoiceSecrets(db: Kysely<Tables>, masterKey: Buffer): VoiceSecrets {
  return {
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

/** The key of a voice's own; undefined once it is deleted. */
export async function readDataKey(
  db: Kysely<Tables>,
  masterKey: Buffer,
  id: string,
): Promise<Buffer | undefined> {
  const row = await db
    .selectFrom('voice')
    .select(['owner', 'data_key'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row && unseal(masterKey, row.data_key, contexts.dataKey(id, row.owner));
}

/** Seals what a new voice holds under a fresh key, and that key under the master key. */
export function sealNew(
  masterKey: Buffer,
  voice: { id: string; owner: MemberRef; handle: Handle; sample: Uint8Array | undefined },
): { dataKey: Buffer; handle: Buffer; sample: Buffer | undefined } {
  const { id, owner, handle, sample } = voice;
  const dataKey = randomBytes(KEY_BYTES);
  return {
    dataKey: seal(masterKey, dataKey, contexts.dataKey(id, owner)),
    handle: sealHandle(dataKey, handle, id, owner),
    sample: sample && seal(dataKey, sample, contexts.sample(id, owner)),
  };
}

function sealHandle(dataKey: Buffer, handle: Handle, id: string, owner: MemberRef): Buffer {
  return seal(dataKey, Buffer.from(handle.id), contexts.handle(id, owner));
}
