import type { Kysely } from 'kysely';
import type { Snowflake } from '../domain/ids.ts';
import { contexts, seal, unseal } from './envelope.ts';
import type { Tables } from './schema.ts';

/** An interaction whose answer is still owed. */
export interface OpenAnswer {
  readonly interactionId: Snowflake;
  readonly applicationId: Snowflake;
  /** Good for 15 minutes; kept encrypted. */
  readonly token: string;
  readonly channelId: Snowflake;
  readonly at: number;
}

/** Open answers, so that the next start can close those that the last one left. */
export interface Pending {
  add(open: OpenAnswer): Promise<void>;
  remove(interactionId: Snowflake): Promise<void>;
  list(): Promise<readonly OpenAnswer[]>;
}

export function createPending(db: Kysely<Tables>, masterKey: Buffer): Pending {
  return {
    async add({ interactionId, applicationId, token, channelId, at }) {
      const sealed = seal(masterKey, Buffer.from(token), contexts.token(interactionId));
      await db
        .insertInto('pending')
        .values({
          interaction_id: interactionId,
          application_id: applicationId,
          token: sealed,
          channel_id: channelId,
          at,
        })
        .execute();
    },

    async remove(interactionId) {
      await db.deleteFrom('pending').where('interaction_id', '=', interactionId).execute();
    },

    async list() {
      const rows = await db.selectFrom('pending').selectAll().orderBy('at').execute();
      return rows.map((row) => ({
        interactionId: row.interaction_id,
        applicationId: row.application_id,
        token: unseal(masterKey, row.token, contexts.token(row.interaction_id)).toString(),
        channelId: row.channel_id,
        at: row.at,
      }));
    },
  };
}
