import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { Snowflake } from '../domain/ids.ts';
import { type Clock, HOUR_MS } from '../domain/time.ts';
import { type Audit, createAudit } from './audit.ts';
import { type Blocks, createBlocks } from './blocks.ts';
import { keepBooks } from './bookkeeping.ts';
import { type ComponentStore, createComponentStore } from './components.ts';
import { type Consents, createConsents } from './consents.ts';
import { type Counters, createCounters } from './counters.ts';
import { openDatabase } from './database.ts';
import { createDeletion } from './deletion.ts';
import { forgetMember } from './forget-member.ts';
import { createGuildStore, type GuildStore } from './guilds.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { obtainMasterKey } from './master-key.ts';
import { createMembers, type Members } from './members.ts';
import { createPending, type Pending } from './pending.ts';
import { createReserve } from './reserve.ts';
import { createRetirementStore, type RetirementStore } from './retirements.ts';
import { createSoundCache, type SoundCache } from './sound-cache.ts';
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
  readonly counters: Counters;
  readonly utterances: Utterances;
  readonly pending: Pending;
  readonly components: ComponentStore;
  readonly audit: Audit;
  readonly sessions: VoiceSessions;
  readonly sounds: SoundCache;
  readonly retirements: RetirementStore;
  /** Another value whenever a right to speak may have gone. */
  rightsVersion(): string;
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
  /** @default nothing is kept */
  cacheBytes?: number;
  clock: Clock;
  log: Logger;
}): Promise<Store> {
  const { path, cacheBytes = 0, clock, log } = options;
  const isKeyGiven = options.masterKey !== undefined;
  await using opening = new AsyncDisposableStack();
  const { db, checkpoint, rightsVersion } = opening.use(await openDatabase(path, { isKeyGiven }));
  const masterKey = await obtainMasterKey(db, { databasePath: path, value: options.masterKey });
  const folder = join(dirname(path), 'cache');
  const sounds = createSoundCache(db, { folder, maxBytes: cacheBytes, masterKey, clock, log });
  await sounds.sweep();
  const reserve = createReserve(`${path}.reserve`, log);
  await reserve.fill();
  const deletion = createDeletion({ checkpoint, sweep: () => sounds.sweep(), reserve, log });
  const ledger = createLedger(db, log);
  const audit = createAudit(db, clock);
  await ledger.settleLeftOvers();
  const counters = createCounters(db, { masterKey, clock });
  const prune = async () => {
    await counters.prune();
    await audit.prune();
  };
  const pruneInTime = () => keepBooks(prune, { missing: 'what is over was not deleted yet', log });
  await pruneInTime();
  // Nothing else may happen for days.
  const hourly = setInterval(() => void pruneInTime(), HOUR_MS).unref();
  opening.defer(() => clearInterval(hourly));
  const opened = opening.move();
  return {
    members: createMembers(db, clock),
    consents: createConsents(db),
    voices: createVoiceStore(db, { masterKey, clock, deletion }),
    guilds: createGuildStore(db, clock),
    blocks: createBlocks(db, clock),
    ledger,
    counters,
    utterances: createUtterances(db),
    pending: createPending(db, masterKey),
    components: createComponentStore(db, clock),
    audit,
    sessions: createVoiceSessions(db, clock),
    sounds,
    retirements: createRetirementStore(db, clock),
    rightsVersion,
    forgetMember: (userId) => forgetMember(db, { deletion, clock }, userId),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
