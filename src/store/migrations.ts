import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { DAY_MS, startOfDay, startOfMonth, startOfNextMonth } from '../domain/time.ts';

/** Append only: what ran once on anybody's database is never changed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-first-floor': { up: firstFloor },
  '0002-owner-of-utterance': { up: ownerOfUtterance },
  '0003-cache': { up: cache },
  '0004-panel': { up: panel },
  '0005-no-lending-rules': { up: noLendingRules },
  '0006-counters': { up: counters },
  '0007-blocked-by': { up: blockedBy },
  '0008-open-answers': { up: openAnswers },
  '0009-retirements': { up: retirements },
};

async function firstFloor(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('member')
    .addColumn('ref', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull().unique())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('consent')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('member', 'text', (column) =>
      column.notNull().references('member.ref').onDelete('cascade'),
    )
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('text_sha256', 'text', (column) => column.notNull())
    .addColumn('keeps_sample', 'integer', (column) => column.notNull())
    .addColumn('guild_id', 'text')
    .addColumn('locale', 'text', (column) => column.notNull())
    .addColumn('interaction_id', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('voice')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('owner', 'text', (column) =>
      column.notNull().references('member.ref').onDelete('cascade'),
    )
    .addColumn('consent', 'text', (column) => column.notNull().references('consent.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('folded_name', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('language', 'text')
    .addColumn('retention', 'text', (column) => column.notNull())
    .addColumn('data_key', 'bytea', (column) => column.notNull())
    .addColumn('handle', 'bytea')
    .addColumn('expires_at', 'bigint')
    .addColumn('is_default', 'integer', (column) => column.notNull())
    .addColumn('sample_seconds', 'real', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_used_at', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('voice_name', ['owner', 'folded_name'])
    .execute();
  await schema
    .createTable('sample')
    .addColumn('voice', 'text', (column) =>
      column.primaryKey().references('voice.id').onDelete('cascade'),
    )
    .addColumn('bytes', 'bytea', (column) => column.notNull())
    .execute();
  await schema
    .createTable('guild')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('first_seen_at', 'bigint', (column) => column.notNull())
    .addColumn('is_off', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('text_max', 'integer')
    .addColumn('lines_per_minute', 'integer')
    .addColumn('characters_per_day', 'integer')
    .addColumn('server_characters_per_day', 'integer')
    .addColumn('waiting', 'integer')
    .addColumn('budget_per_day', 'bigint')
    .addColumn('budget_per_month', 'bigint')
    .execute();
  await schema
    .createTable('access_rule')
    .addColumn('guild_id', 'text', (column) => column.notNull())
    .addColumn('what', 'text', (column) => column.notNull())
    .addColumn('rule', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('subject_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('access_rule_key', ['guild_id', 'what', 'subject', 'subject_id'])
    .execute();
  await schema
    .createTable('block')
    .addColumn('guild_id', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('until', 'bigint')
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('block_key', ['guild_id', 'user_id'])
    .execute();
  await schema
    .createTable('ledger')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('guild_id', 'text')
    .addColumn('member', 'text', (column) => column.notNull())
    .addColumn('characters', 'integer', (column) => column.notNull())
    .addColumn('micro_usd', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('ledger_at').on('ledger').columns(['at', 'guild_id']).execute();
  await schema
    .createTable('utterance')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('requester', 'text', (column) => column.notNull())
    .addColumn('voice', 'text')
    .addColumn('stock_voice', 'text')
    .addColumn('guild_id', 'text', (column) => column.notNull())
    .addColumn('channel_id', 'text', (column) => column.notNull())
    .addColumn('output', 'text', (column) => column.notNull())
    .addColumn('characters', 'integer', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createIndex('utterance_place')
    .on('utterance')
    .columns(['channel_id', 'requester', 'at'])
    .execute();
  await schema
    .createTable('pending')
    .addColumn('interaction_id', 'text', (column) => column.primaryKey())
    .addColumn('application_id', 'text', (column) => column.notNull())
    .addColumn('token', 'bytea', (column) => column.notNull())
    .addColumn('channel_id', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('component')
    .addColumn('nonce_hash', 'text', (column) => column.primaryKey())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('channel_id', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('audit')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('guild_id', 'text')
    .addColumn('member', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await sql`create trigger audit_is_written_once before update on audit
    begin select raise(abort, 'the audit is append-only'); end`.execute(db);
  // 180 days in milliseconds: only what has outlived its retention may go.
  await sql`create trigger audit_is_kept before delete on audit
    when old.at > (strftime('%s', 'now') * 1000 - 15552000000)
    begin select raise(abort, 'the audit is append-only'); end`.execute(db);
  await schema
    .createTable('voice_session')
    .addColumn('guild_id', 'text', (column) => column.primaryKey())
    .addColumn('channel_id', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('key_check')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('digest', 'bytea', (column) => column.notNull())
    .execute();
}

/** Until then nobody could speak in a voice but their own. */
async function ownerOfUtterance(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('utterance').addColumn('owner', 'text').execute();
  await sql`update utterance set owner = requester where voice is not null`.execute(db);
}

async function cache({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('cache')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('member', 'text', (column) =>
      column.notNull().references('member.ref').onDelete('cascade'),
    )
    .addColumn('voice', 'text', (column) => column.references('voice.id').onDelete('cascade'))
    .addColumn('bytes', 'integer', (column) => column.notNull())
    .addColumn('used_at', 'bigint', (column) => column.notNull())
    .execute();
  for (const column of ['member', 'voice'])
    await schema.createIndex(`cache_${column}`).on('cache').column(column).execute();
}

/**
 * Its message, and buttons that belong to nobody: SQLite takes no column's `not null` away, so what
 * the buttons of the last quarter of an hour held is let go.
 */
async function panel({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('voice_session').addColumn('panel', 'text').execute();
  await schema.dropTable('component').execute();
  await schema
    .createTable('component')
    .addColumn('nonce_hash', 'text', (column) => column.primaryKey())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('payload', 'text', (column) => column.notNull())
    .addColumn('user_id', 'text')
    .addColumn('channel_id', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .execute();
}

/** Rules about lending could be made before there was any lending, and meant nothing. */
async function noLendingRules(db: Kysely<unknown>): Promise<void> {
  await sql`delete from access_rule where what = 'lend'`.execute(db);
}

/**
 * Counters begin with what the day and the month have seen so far, those of servers and the bot; a
 * member's could not be named here, without the key.
 */
async function counters(db: Kysely<unknown>): Promise<void> {
  const { schema } = db;
  await schema
    .alterTable('ledger')
    .addColumn('kind', 'text', (column) => column.notNull().defaultTo('line'))
    .execute();
  await schema.alterTable('ledger').addColumn('voice', 'text').execute();
  await schema
    .alterTable('ledger')
    .addColumn('has_price', 'integer', (column) => column.notNull().defaultTo(1))
    .execute();
  await schema.createIndex('ledger_voice').on('ledger').column('voice').execute();
  await schema
    .createTable('counter')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .addColumn('times', 'integer', (column) => column.notNull())
    .addColumn('characters', 'bigint', (column) => column.notNull())
    .addColumn('micro_usd', 'bigint', (column) => column.notNull())
    .execute();
  await schema.createIndex('counter_until').on('counter').column('until').execute();
  const now = Date.now();
  const day = { name: 'day', since: startOfDay(now), until: startOfDay(now) + DAY_MS };
  const month = { name: 'month', since: startOfMonth(now), until: startOfNextMonth(now) };
  for (const { name, since, until } of [day, month]) {
    const sums = sql`count(*), sum(characters), sum(micro_usd) from ledger
      where state <> 'released' and at >= ${since}`;
    await sql`insert into counter select ${`bot ${name} ${since}`}, ${until}, ${sums}
      having count(*) > 0`.execute(db);
    await sql`insert into counter select 'server ' || guild_id || ${` ${name} ${since}`}, ${until},
      ${sums} and guild_id is not null group by guild_id`.execute(db);
  }
  await sql`insert into counter
    select 'server ' || guild.id || ' first day ' || first_seen_at, first_seen_at + ${DAY_MS},
      count(*), sum(characters), sum(micro_usd)
    from guild join ledger on ledger.guild_id = guild.id
    where state <> 'released' and at >= first_seen_at and first_seen_at > ${now - DAY_MS}
    group by guild.id, first_seen_at`.execute(db);
}

async function blockedBy({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('block').addColumn('by_member', 'text').execute();
}

/** Whose an open answer is, and what it was to say: what is from before has long been closed. */
async function openAnswers({ schema }: Kysely<unknown>): Promise<void> {
  await schema.alterTable('pending').addColumn('user_id', 'text').execute();
  await schema.alterTable('pending').addColumn('answer', 'bytea').execute();
}

async function retirements({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('retirement')
    .addColumn('model', 'text', (column) => column.primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('successor', 'text')
    .addColumn('operator_knows', 'bigint')
    .execute();
  await schema
    .createTable('retirement_note')
    .addColumn('voice', 'text', (column) =>
      column.primaryKey().references('voice.id').onDelete('cascade'),
    )
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('owner_knows', 'integer', (column) => column.notNull())
    .execute();
}
