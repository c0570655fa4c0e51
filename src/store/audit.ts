import type { Kysely } from 'kysely';
import type { MemberRef, Snowflake } from '../domain/ids.ts';
import { type Clock, DAY_MS, SECOND_MS } from '../domain/time.ts';
import type { Tables } from './schema.ts';

/** The trigger in the migrations guards 180 days, counted in whole seconds: just longer than those. */
const KEPT_MS = 180 * DAY_MS + SECOND_MS;

export type AuditKind = 'clone' | 'access' | 'limits' | 'off' | 'on' | 'block' | 'unblock';

/** What was done, by whom: append-only, never a text, kept 180 days. */
export interface Audit {
  /** Adds an entry; those that are too old are swept along the way. */
  write(entry: {
    guildId: Snowflake | undefined;
    member: MemberRef;
    kind: AuditKind;
    detail: string;
  }): Promise<void>;
  prune(): Promise<void>;
}

export function createAudit(db: Kysely<Tables>, clock: Clock): Audit {
  const prune: Audit['prune'] = async () => {
    await db
      .deleteFrom('audit')
      .where('at', '<', clock() - KEPT_MS)
      .execute();
  };

  return {
    prune,

    async write({ guildId, member, kind, detail }) {
      await db
        .insertInto('audit')
        .values({ guild_id: guildId ?? null, member, kind, detail, at: clock() })
        .execute();
      await prune();
    },
  };
}
