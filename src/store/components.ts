import type { Kysely } from 'kysely';
import type { Snowflake } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import type { Tables } from './schema.ts';

/** What a button that was handed out does, and for whom: a member, or undefined for anybody. */
export interface ComponentState {
  readonly nonceHash: string;
  readonly action: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly userId: Snowflake | undefined;
  readonly channelId: Snowflake;
  readonly expiresAt: number;
}

export interface ComponentStore {
  /** Keeps a button; those that have expired are swept along the way. */
  add(component: ComponentState): Promise<void>;
  find(nonceHash: string): Promise<ComponentState | undefined>;
}

export function createComponentStore(db: Kysely<Tables>, clock: Clock): ComponentStore {
  return {
    async add({ nonceHash, action, payload, userId, channelId, expiresAt }) {
      await db.deleteFrom('component').where('expires_at', '<', clock()).execute();
      await db
        .insertInto('component')
        .values({
          nonce_hash: nonceHash,
          action,
          payload: JSON.stringify(payload),
          user_id: userId ?? null,
          channel_id: channelId,
          expires_at: expiresAt,
        })
        .execute();
    },

    async find(nonceHash) {
      const row = await db
        .selectFrom('component')
        .selectAll()
        .where('nonce_hash', '=', nonceHash)
        .executeTakeFirst();
      if (!row) return undefined;
      return {
        nonceHash,
        action: row.action,
        payload: JSON.parse(row.payload) as Record<string, unknown>,
        userId: row.user_id ?? undefined,
        channelId: row.channel_id,
        expiresAt: row.expires_at,
      };
    },
  };
}
