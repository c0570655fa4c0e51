import type { Kysely } from 'kysely';
import type { Snowflake } from '../domain/ids.ts';
import type { Tables } from './schema.ts';

/**
 * Deletes a member, and with them voices, recordings, consents and buttons. What remains in ledger,
 * utterances and audit names a reference that is nobody's any more.
 */
export async function forgetMember(db: Kysely<Tables>, userId: Snowflake): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const ref = trx.selectFrom('member').select('ref').where('user_id', '=', userId);
    // Voices first: each refers to the consent it was made under.
    await trx.deleteFrom('voice').where('owner', 'in', ref).execute();
    await trx.deleteFrom('member').where('user_id', '=', userId).execute();
    await trx.deleteFrom('component').where('user_id', '=', userId).execute();
  });
}
