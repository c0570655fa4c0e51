import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { MemberRef, Snowflake } from '../domain/ids.ts';
import type { Tables } from './schema.ts';

/** The record that a member agreed: to which text, when, where. */
export interface Consent {
  readonly id: string;
  readonly member: MemberRef;
  readonly version: string;
  /** SHA-256 of the exact text shown, in hexadecimal. */
  readonly textSha256: string;
  /** Their choice to have the recording kept. */
  readonly keepsSample: boolean;
  readonly guildId: Snowflake | undefined;
  readonly locale: string;
  readonly interactionId: Snowflake;
  readonly at: number;
}

export interface Consents {
  record(consent: Omit<Consent, 'id'>): Promise<Consent>;
  latest(member: MemberRef): Promise<Consent | undefined>;
}

export function createConsents(db: Kysely<Tables>): Consents {
  return {
    async record(consent) {
      const id = randomUUID();
      await db
        .insertInto('consent')
        .values({
          id,
          member: consent.member,
          version: consent.version,
          text_sha256: consent.textSha256,
          keeps_sample: consent.keepsSample ? 1 : 0,
          guild_id: consent.guildId ?? null,
          locale: consent.locale,
          interaction_id: consent.interactionId,
          at: consent.at,
        })
        .execute();
      return { ...consent, id };
    },

    async latest(member) {
      const row = await db
        .selectFrom('consent')
        .selectAll()
        .where('member', '=', member)
        .orderBy('at', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (!row) return undefined;
      return {
        id: row.id,
        member: row.member,
        version: row.version,
        textSha256: row.text_sha256,
        keepsSample: row.keeps_sample === 1,
        guildId: row.guild_id ?? undefined,
        locale: row.locale,
        interactionId: row.interaction_id,
        at: row.at,
      };
    },
  };
}
