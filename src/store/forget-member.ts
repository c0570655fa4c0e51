import type { Kysely } from 'kysely';
import type { Snowflake } from '../domain/ids.ts';
import { TOKEN_LIFE_MS } from '../domain/limits.ts';
import type { Clock } from '../domain/time.ts';
import type { Deletion } from './deletion.ts';
import type { Tables } from './schema.ts';

/**
 * Deletes a member, and with them voices, recordings, consents and buttons. What remains in ledger,
 * utterances and audit names a reference that is nobody's any more.
 */
export async function forgetMember(
  db: Kysely<Tables>,
  { deletion, clock }: { deletion: Deletion; clock: Clock },
  userId: Snowflake,
): Promise<void> {
  const ref = db.selectFrom('member').select('ref').where('user_id', '=', userId);
  const whole = () =>
    db.transaction().execute(async (trx) => {
      // Voices first: each refers to the consent it was made under.
      await trx.deleteFrom('voice').where('owner', 'in', ref).execute();
      await trx.deleteFrom('member').where('user_id', '=', userId).execute();
      await trx.deleteFrom('component').where('user_id', '=', userId).execute();
      // Those that this process still owes are deleted as they are given, within minutes.
      await trx
        .deleteFrom('pending')
        .where('user_id', '=', userId)
        .where('at', '<', clock() - TOKEN_LIFE_MS)
        .execute();
    });
  await deletion.run(whole, async function* voiceByVoice() {
    const voices = await db.selectFrom('voice').select('id').where('owner', 'in', ref).execute();
    for (const { id } of voices) {
      await db.deleteFrom('voice').where('id', '=', id).execute();
      yield;
    }
  });
}
