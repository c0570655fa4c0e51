import type { Kysely } from 'kysely';
import type { Snowflake } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import type { Tables } from './schema.ts';

export interface Block {
  readonly reason: string | undefined;
  /** Undefined: until it is lifted. */
  readonly until: number | undefined;
}

/** Members a server's moderators have blocked from the bot there. */
export interface Blocks {
  /** Those that are over are swept along the way. */
  put(guildId: Snowflake, userId: Snowflake, block: Block): Promise<void>;
  remove(guildId: Snowflake, userId: Snowflake): Promise<boolean>;
  /** The block in force now. */
  find(guildId: Snowflake, userId: Snowflake): Promise<Block | undefined>;
}

export function createBlocks(db: Kysely<Tables>, clock: Clock): Blocks {
  return {
    async put(guildId, userId, { reason, until }) {
      await db.deleteFrom('block').where('until', '<=', clock()).execute();
      const values = { reason: reason ?? null, until: until ?? null, at: clock() };
      await db
        .insertInto('block')
        .values({ guild_id: guildId, user_id: userId, ...values })
        .onConflict((conflict) => conflict.columns(['guild_id', 'user_id']).doUpdateSet(values))
        .execute();
    },

    async remove(guildId, userId) {
      const result = await db
        .deleteFrom('block')
        .where('guild_id', '=', guildId)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      return result.numDeletedRows > 0n;
    },

    async find(guildId, userId) {
      const row = await db
        .selectFrom('block')
        .select(['reason', 'until'])
        .where('guild_id', '=', guildId)
        .where('user_id', '=', userId)
        .executeTakeFirst();
      if (!row || (row.until !== null && row.until <= clock())) return undefined;
      return { reason: row.reason ?? undefined, until: row.until ?? undefined };
    },
  };
}
