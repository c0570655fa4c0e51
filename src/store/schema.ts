import type { ColumnType, Generated } from 'kysely';

/** SQLite and PostgreSQL alike: ids and snowflakes are text, times epoch milliseconds, booleans 0 or 1. */
export interface Tables {
  member: MemberTable;
  consent: ConsentTable;
  voice: VoiceTable;
  sample: SampleTable;
  guild: GuildTable;
  access_rule: AccessRuleTable;
  block: BlockTable;
  ledger: LedgerTable;
  counter: CounterTable;
  utterance: UtteranceTable;
  pending: PendingTable;
  component: ComponentTable;
  audit: AuditTable;
  voice_session: VoiceSessionTable;
  cache: CacheTable;
  retirement: RetirementTable;
  retirement_note: RetirementNoteTable;
  key_check: KeyCheckTable;
}

type Flag = 0 | 1;
/** better-sqlite3 returns a Buffer and takes any bytes. */
type Bytes = ColumnType<Buffer, Uint8Array, Uint8Array>;

/** The only table that knows who a reference is; dropping the row forgets it. */
export interface MemberTable {
  ref: string;
  user_id: string;
  created_at: number;
}

export interface ConsentTable {
  id: string;
  member: string;
  version: string;
  text_sha256: string;
  keeps_sample: Flag;
  guild_id: string | null;
  locale: string;
  interaction_id: string;
  at: number;
}

export interface VoiceTable {
  id: string;
  owner: string;
  consent: string;
  name: string;
  folded_name: string;
  model: string;
  language: string | null;
  retention: 'from-upload' | 'from-use';
  data_key: Bytes;
  handle: ColumnType<Buffer | null, Uint8Array | null, Uint8Array | null>;
  expires_at: number | null;
  is_default: Flag;
  sample_seconds: number;
  created_at: number;
  last_used_at: number;
}

export interface SampleTable {
  voice: string;
  bytes: Bytes;
}

/** What a server decided; a missing value means the default. */
export interface GuildTable {
  id: string;
  first_seen_at: number;
  is_off: Generated<Flag>;
  text_max: number | null;
  lines_per_minute: number | null;
  characters_per_day: number | null;
  server_characters_per_day: number | null;
  waiting: number | null;
  budget_per_day: number | null;
  budget_per_month: number | null;
}

export interface AccessRuleTable {
  guild_id: string;
  what: 'clone' | 'speak' | 'moderate';
  rule: 'allow' | 'deny';
  subject: 'role' | 'channel';
  subject_id: string;
}

/**
 * Names the account itself, not its reference: a block must outlive the member's own `/privacy
 * delete`, or deleting would be a way around it.
 */
export interface BlockTable {
  guild_id: string;
  user_id: string;
  reason: string | null;
  until: number | null;
  /** The moderator's reference. */
  by_member: string | null;
  at: number;
}

export interface LedgerTable {
  id: string;
  kind: 'line' | 'clone' | 'renewal';
  guild_id: string | null;
  member: string;
  /** The one that was cloned or renewed; null for a line. */
  voice: string | null;
  characters: number;
  /** Zero where nobody names the price. */
  micro_usd: number;
  has_price: Flag;
  state: 'reserved' | 'spent' | 'released';
  at: number;
}

/**
 * Running sums of a day or another period, which goes with it. An account is named by a keyed hash
 * alone: what it used must outlive the member's own `/privacy delete`.
 */
export interface CounterTable {
  name: string;
  until: number;
  times: number;
  characters: number;
  micro_usd: number;
}

export interface UtteranceTable {
  id: string;
  requester: string;
  voice: string | null;
  /** Whose voice it was, which outlives the voice; null for a stock voice. */
  owner: string | null;
  stock_voice: string | null;
  guild_id: string;
  channel_id: string;
  output: 'voice' | 'file' | 'message';
  characters: number;
  at: number;
}

export interface PendingTable {
  interaction_id: string;
  application_id: string;
  token: Bytes;
  channel_id: string;
  at: number;
  user_id: string | null;
  answer: Bytes | null;
}

export interface ComponentTable {
  nonce_hash: string;
  action: string;
  payload: string;
  /** Null: anybody in its channel. */
  user_id: string | null;
  channel_id: string;
  expires_at: number;
}

export interface AuditTable {
  id: Generated<number>;
  guild_id: string | null;
  member: string;
  kind: string;
  detail: string;
  at: number;
}

export interface VoiceSessionTable {
  guild_id: string;
  channel_id: string;
  at: number;
  /** The message in the channel's chat that shows what is spoken. */
  panel: string | null;
}

/** One file each in the folder of the cache, named by the id; null: of a stock voice. */
export interface CacheTable {
  id: string;
  member: string;
  voice: string | null;
  bytes: number;
  used_at: number;
}

/** Models that the provider takes away, or took. */
export interface RetirementTable {
  model: string;
  at: number;
  successor: string | null;
  /** The date the operator was told of. */
  operator_knows: number | null;
}

/** That the owner of a voice was written to about the date its model goes. */
export interface RetirementNoteTable {
  voice: string;
  at: number;
  /** 0: it is not known that they were reached. */
  owner_knows: Flag;
}

export interface KeyCheckTable {
  id: 1;
  digest: Bytes;
}
