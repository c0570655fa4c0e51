import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { MemberRef, Snowflake } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import type { Tables } from './schema.ts';

/** Who a reference is. */
export interface Members {
  /** The member's reference, made on first sight. */
  refOf(userId: Snowflake): Promise<MemberRef>;
  findRef(userId: Snowflake): Promise<MemberRef | undefined>;
  findUserId(ref: MemberRef): Promise<Snowflake | undefined>;
}

export function createMembers(db: Kysely<Tables>, clock: Clock): Members {
  const findRef: Members['findRef'] = async (userId) => {
    const row = await db
      .selectFrom('member')
      .select('ref')
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return row?.ref;
  };

  return {
    findRef,
    async refOf(userId) {
      const known = await findRef(userId);
      if (known !== undefined) return known;
      const row = await db
        .insertInto('member')
        .values({ ref: randomUUID(), user_id: userId, created_at: clock() })
        .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ user_id: userId }))
        .returning('ref')
        .executeTakeFirstOrThrow();
      return row.ref;
    },
    async findUserId(ref) {
      const row = await db
        .selectFrom('member')
        .select('user_id')
        .where('ref', '=', ref)
        .executeTakeFirst();
      return row?.user_id;
    },
  };
}
