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
  /** Undefined for one from before this was noted. */
  readonly userId: Snowflake | undefined;
  readonly at: number;
  /** What is known of its answer, in the caller's own form; kept encrypted. */
  readonly answer: string;
}

/** One from before this was noted knows nothing of its answer. */
export type LeftAnswer = Omit<OpenAnswer, 'answer'> & { readonly answer: string | undefined };

/** Open answers, so that the next start can close those that the last one left. */
export interface Pending {
  add(open: OpenAnswer): Promise<void>;
  /** Notes what an open answer is to say; kept encrypted. */
  note(interactionId: Snowflake, answer: string): Promise<void>;
  remove(interactionId: Snowflake): Promise<void>;
  list(): Promise<readonly LeftAnswer[]>;
}

export function createPending(db: Kysely<Tables>, masterKey: Buffer): Pending {
  return {
    async add({ interactionId, applicationId, token, channelId, userId, at, answer }) {
      const sealed = seal(masterKey, Buffer.from(token), contexts.token(interactionId));
      await db
        .insertInto('pending')
        .values({
          interaction_id: interactionId,
          application_id: applicationId,
          token: sealed,
          channel_id: channelId,
          user_id: userId ?? null,
          at,
          answer: seal(masterKey, Buffer.from(answer), contexts.answer(interactionId)),
        })
        .execute();
    },

    async note(interactionId, answer) {
      const sealed = seal(masterKey, Buffer.from(answer), contexts.answer(interactionId));
      await db
        .updateTable('pending')
        .set({ answer: sealed })
        .where('interaction_id', '=', interactionId)
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
        userId: row.user_id ?? undefined,
        answer:
          row.answer === null
            ? undefined
            : unseal(masterKey, row.answer, contexts.answer(row.interaction_id)).toString(),
        at: row.at,
      }));
    },
  };
}
