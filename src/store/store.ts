import type { Kysely } from 'kysely';
import type { Snowflake } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import { type Audit, createAudit } from './audit.ts';
import { type Blocks, createBlocks } from './blocks.ts';
import { type ComponentStore, createComponentStore } from './components.ts';
import { type Consents, createConsents } from './consents.ts';
import { openDatabase } from './database.ts';
import { createGuildStore, type GuildStore } from './guilds.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { obtainMasterKey } from './master-key.ts';
import { createMembers, type Members } from './members.ts';
import { createPending, type Pending } from './pending.ts';
import type { Tables } from './schema.ts';
import { createUtterances, type Utterances } from './utterances.ts';
import { createVoiceSessions, type VoiceSessions } from './voice-sessions.ts';
import { createVoiceStore, type VoiceStore } from './voices.ts';

/** Everything that is kept. */
export interface Store extends AsyncDisposable {
  readonly members: Members;
  readonly consents: Consents;
  readonly voices: VoiceStore;
  readonly guilds: GuildStore;
  readonly blocks: Blocks;
  readonly ledger: Ledger;
  readonly utterances: Utterances;
  readonly pending: Pending;
  readonly components: ComponentStore;
  readonly audit: Audit;
  readonly sessions: VoiceSessions;
  /** Deletes all that belongs to a member, and who their reference was, from the files too. */
  forgetMember(userId: Snowflake): Promise<void>;
}

/**
 * Opens the database, alone.
 * @param masterKey its value; undefined means the file beside the database.
 * @throws StoreError.
 */
export async function openStore(options: {
  path: string;
  masterKey: string | undefined;
  clock: Clock;
}): Promise<Store> {
  const { path, clock } = options;
  const { db, checkpoint, close } = await openDatabase(path);
  try {
    const masterKey = await obtainMasterKey(db, { databasePath: path, value: options.masterKey });
    const store: Store = {
      members: createMembers(db, clock),
      consents: createConsents(db),
      voices: createVoiceStore(db, { masterKey, clock, checkpoint }),
      guilds: createGuildStore(db, clock),
      blocks: createBlocks(db, clock),
      ledger: createLedger(db),
      utterances: createUtterances(db),
      pending: createPending(db, masterKey),
      components: createComponentStore(db, clock),
      audit: createAudit(db, clock),
      sessions: createVoiceSessions(db, clock),
      async forgetMember(userId) {
        await forget(db, userId);
        checkpoint();
      },
      [Symbol.asyncDispose]: close,
    };
    await store.ledger.settleLeftOvers();
    await store.audit.prune();
    return store;
  } catch (error) {
    await close();
    throw error;
  }
}

/** Deleting the member takes voices, recordings and consents along; what remains names nobody. */
async function forget(db: Kysely<Tables>, userId: Snowflake): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const ref = trx.selectFrom('member').select('ref').where('user_id', '=', userId);
    // Voices first: each refers to the consent it was made under.
    await trx.deleteFrom('voice').where('owner', 'in', ref).execute();
    await trx.deleteFrom('member').where('user_id', '=', userId).execute();
    await trx.deleteFrom('component').where('user_id', '=', userId).execute();
  });
}
