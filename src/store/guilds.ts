import type { Kysely, Selectable } from 'kysely';
import type { Snowflake } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import type { AccessRuleTable, GuildTable, Tables } from './schema.ts';

/** What a server changed; undefined means the default. Money in micro-dollars. */
export interface GuildSettings {
  readonly textMax: number | undefined;
  readonly linesPerMinute: number | undefined;
  readonly charactersPerDay: number | undefined;
  readonly serverCharactersPerDay: number | undefined;
  readonly waiting: number | undefined;
  readonly budgetPerDay: number | undefined;
  readonly budgetPerMonth: number | undefined;
}

export interface GuildRow extends GuildSettings {
  readonly firstSeenAt: number;
  readonly isOff: boolean;
}

export interface AccessRule {
  readonly what: AccessRuleTable['what'];
  readonly rule: AccessRuleTable['rule'];
  readonly subject: AccessRuleTable['subject'];
  readonly subjectId: Snowflake;
}

/** What servers decided. */
export interface GuildStore {
  /** The server's row, made on first sight. */
  read(id: Snowflake): Promise<GuildRow>;
  patch(id: Snowflake, changes: Partial<GuildSettings>): Promise<void>;
  setOff(id: Snowflake, isOff: boolean): Promise<void>;
  rules(id: Snowflake): Promise<readonly AccessRule[]>;
  setRule(id: Snowflake, rule: AccessRule): Promise<void>;
  /** Takes back the rules for a thing, of one subject or of all. */
  clearRules(
    id: Snowflake,
    what: AccessRule['what'],
    subject?: Pick<AccessRule, 'subject' | 'subjectId'>,
  ): Promise<number>;
}

const COLUMNS = {
  textMax: 'text_max',
  linesPerMinute: 'lines_per_minute',
  charactersPerDay: 'characters_per_day',
  serverCharactersPerDay: 'server_characters_per_day',
  waiting: 'waiting',
  budgetPerDay: 'budget_per_day',
  budgetPerMonth: 'budget_per_month',
} as const satisfies Record<keyof GuildSettings, keyof GuildTable>;

export function createGuildStore(db: Kysely<Tables>, clock: Clock): GuildStore {
  const read: GuildStore['read'] = async (id) => {
    const known = await db.selectFrom('guild').selectAll().where('id', '=', id).executeTakeFirst();
    if (known) return readRow(known);
    const row = await db
      .insertInto('guild')
      .values({ id, first_seen_at: clock() })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ id }))
      .returningAll()
      .executeTakeFirstOrThrow();
    return readRow(row);
  };

  return {
    read,

    async patch(id, changes) {
      await read(id);
      const entries = Object.entries(changes) as [keyof GuildSettings, number | undefined][];
      const set = Object.fromEntries(entries.map(([key, value]) => [COLUMNS[key], value ?? null]));
      if (entries.length === 0) return;
      await db.updateTable('guild').set(set).where('id', '=', id).execute();
    },

    async setOff(id, isOff) {
      await read(id);
      await db
        .updateTable('guild')
        .set({ is_off: isOff ? 1 : 0 })
        .where('id', '=', id)
        .execute();
    },

    async rules(id) {
      const rows = await db
        .selectFrom('access_rule')
        .selectAll()
        .where('guild_id', '=', id)
        .execute();
      return rows.map(({ what, rule, subject, subject_id: subjectId }) => {
        return { what, rule, subject, subjectId };
      });
    },

    async setRule(id, { what, rule, subject, subjectId }) {
      await db
        .insertInto('access_rule')
        .values({ guild_id: id, what, rule, subject, subject_id: subjectId })
        .onConflict((conflict) =>
          conflict.columns(['guild_id', 'what', 'subject', 'subject_id']).doUpdateSet({ rule }),
        )
        .execute();
    },

    async clearRules(id, what, about) {
      let deleting = db
        .deleteFrom('access_rule')
        .where('guild_id', '=', id)
        .where('what', '=', what);
      if (about) {
        const { subject, subjectId } = about;
        deleting = deleting.where('subject', '=', subject).where('subject_id', '=', subjectId);
      }
      const result = await deleting.executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

function readRow(row: Selectable<GuildTable>): GuildRow {
  return {
    firstSeenAt: row.first_seen_at,
    isOff: row.is_off === 1,
    textMax: row.text_max ?? undefined,
    linesPerMinute: row.lines_per_minute ?? undefined,
    charactersPerDay: row.characters_per_day ?? undefined,
    serverCharactersPerDay: row.server_characters_per_day ?? undefined,
    waiting: row.waiting ?? undefined,
    budgetPerDay: row.budget_per_day ?? undefined,
    budgetPerMonth: row.budget_per_month ?? undefined,
  };
}
