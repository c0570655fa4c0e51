import type { Kysely, Selectable } from 'kysely';
import type { MemberRef, Snowflake } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import type { BlockTable, Tables } from './schema.ts';

export interface Block {
  readonly reason: string | undefined;
  /** Undefined: until it is lifted. */
  readonly until: number | undefined;
  /** The moderator; undefined for one from before this was noted. */
  readonly by: MemberRef | undefined;
}

export interface StandingBlock extends Block {
  readonly userId: Snowflake;
}

/** Members a server's moderators have blocked from the bot there. */
export interface Blocks {
  /** Those that are over are swept along the way. */
  put(guildId: Snowflake, userId: Snowflake, block: Block): Promise<void>;
  remove(guildId: Snowflake, userId: Snowflake): Promise<boolean>;
  /** The block in force now. */
  find(guildId: Snowflake, userId: Snowflake): Promise<Block | undefined>;
  /** Those in force in a server, the latest first. */
  list(guildId: Snowflake): Promise<readonly StandingBlock[]>;
}

export function createBlocks(db: Kysely<Tables>, clock: Clock): Blocks {
  return {
    async put(guildId, userId, { reason, until, by }) {
      await db.deleteFrom('block').where('until', '<=', clock()).execute();
      const values = {
        reason: reason ?? null,
        until: until ?? null,
        by_member: by ?? null,
        at: clock(),
      };
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
      const row = await standing(guildId).where('user_id', '=', userId).executeTakeFirst();
      return row && readBlock(row);
    },

    async list(guildId) {
      const rows = await standing(guildId).orderBy('at', 'desc').orderBy('user_id').execute();
      return rows.map((row) => ({ ...readBlock(row), userId: row.user_id }));
    },
  };

  function standing(guildId: Snowflake) {
    return db
      .selectFrom('block')
      .selectAll()
      .where('guild_id', '=', guildId)
      .where(({ eb, or }) => or([eb('until', 'is', null), eb('until', '>', clock())]));
  }
}

function readBlock({ reason, until, by_member: by }: Selectable<BlockTable>): Block {
  return { reason: reason ?? undefined, until: until ?? undefined, by: by ?? undefined };
}
