import { UserError } from '../domain/errors.ts';
import { type MemberRef, publicId, type Snowflake } from '../domain/ids.ts';
import { CLONES_PER_DAY, RENEWALS_PER_DAY } from '../domain/limits.ts';
import type { MicroUsd } from '../domain/money.ts';
import { type Clock, DAY_MS } from '../domain/time.ts';
import type { Counters } from '../store/counters.ts';
import type { Ledger, LedgerEntry, Reached, Reservation } from '../store/ledger.ts';
import type { VoiceStore } from '../store/voices.ts';
import type { CloningTerms } from '../venice/models.ts';
import {
  type Budget,
  botCaps,
  dayOf,
  firstDayOf,
  isReached,
  type NamedCap,
  spanCap,
} from './caps.ts';
import type { Policies } from './policy.ts';
import { type IsTrusted, trustedWhereItMatters } from './trust.ts';

/** An upload that the provider charges a fee for. */
export type Upload = (
  | { readonly kind: 'clone'; readonly guildId: Snowflake | undefined; readonly userId: Snowflake }
  | { readonly kind: 'renewal'; readonly name: string }
) & {
  readonly member: MemberRef;
  readonly voice: string;
  readonly terms: CloningTerms;
};

/**
 * What clones and renewals may cost: at most half of the bot's day, and nothing of a server's own
 * budget. A new clone leaves what the voices in use need to be renewed today, and no voice is renewed
 * so often that nothing is left for the others.
 */
export interface CloneMoney {
  /** The catalogue's price, or else the operator's; undefined: nobody names one. */
  priceOf(terms: CloningTerms): MicroUsd | undefined;
  /** Whether there is room for it now; nothing is taken. @throws UserError E_CLONES, E_RATE. */
  check(upload: Upload): Promise<void>;
  /** @throws UserError E_CLONES, E_RATE; E_RENEWAL_BUDGET for a renewal. */
  reserve(upload: Upload): Promise<Reservation>;
}

/** How many there may be while nobody names a price. */
const UNPRICED = { firstDay: 3, serverDay: 10, botDay: 25 } as const;
/** A voice that was not used for so long is hardly renewed today. */
const IN_USE_MS = 14 * DAY_MS;

export function createCloneMoney(options: {
  ledger: Ledger;
  counters: Counters;
  voices: Pick<VoiceStore, 'countDue'>;
  policies: Policies;
  budget: Budget;
  /** What the operator says that one costs. */
  cloneUsd: MicroUsd | undefined;
  isTrusted: IsTrusted;
  clock: Clock;
}): CloneMoney {
  const { ledger, counters, voices, policies, budget, cloneUsd, isTrusted, clock } = options;

  const priceOf: CloneMoney['priceOf'] = (terms) => terms.microUsd ?? cloneUsd;

  return {
    priceOf,
    async check(upload) {
      await take(upload, (entry, caps) => ledger.findReached(entry, caps));
    },
    reserve: (upload) => take(upload, (entry, caps) => ledger.reserve(entry, caps)),
  };

  async function take<T>(
    upload: Upload,
    run: (entry: LedgerEntry, caps: readonly NamedCap[]) => Promise<T | Reached<NamedCap>>,
  ): Promise<T> {
    const at = clock();
    const { kind, member, voice } = upload;
    const guildId = kind === 'clone' ? upload.guildId : undefined;
    const microUsd = priceOf(upload.terms);
    const entry = { id: publicId(), kind, guildId, member, voice, characters: 0, microUsd, at };
    const common = [...botCaps(budget, at), await shareCap(upload, microUsd, at)];
    const taken = await trustedWhereItMatters(isTrusted, guildId, async (isTrustedServer) => {
      const most = microUsd === undefined && !isTrustedServer ? UNPRICED : undefined;
      const caps = upload.kind === 'clone' ? await cloneCaps(upload, most, at) : renewalCaps(entry);
      return await run(entry, [...common, ...caps]);
    });
    if (isReached(taken)) throw refusal(taken, upload, microUsd);
    return taken;
  }

  /** What clones and renewals may take of the bot's day, in money or else in number. */
  async function shareCap(
    { kind }: Upload,
    price: MicroUsd | undefined,
    at: number,
  ): Promise<NamedCap> {
    const { until, ...day } = dayOf(at);
    const isDue = { before: until, usedSince: at - IN_USE_MS };
    const due = kind === 'clone' ? await voices.countDue(isDue) : 0;
    const hasMoney = budget.perDay > 0 && budget.perMonth > 0;
    const max =
      price === undefined
        ? { times: hasMoney ? UNPRICED.botDay - due : 0 }
        : { microUsd: Math.floor(budget.perDay / 2) - due * price };
    return spanCap({ ...day, until }, 'uploads of bot', { whose: 'bot', max });
  }

  async function cloneCaps(
    { guildId, userId }: Extract<Upload, { kind: 'clone' }>,
    most: typeof UNPRICED | undefined,
    at: number,
  ): Promise<NamedCap[]> {
    const { name, ...day } = dayOf(at);
    const ofMember: NamedCap = {
      ...day,
      name: counters.nameFor(userId, `clones ${name}`),
      whose: 'member',
      max: { times: CLONES_PER_DAY },
    };
    const whose = 'operator';
    const place = guildId === undefined ? 'clones in messages' : `clones of server ${guildId}`;
    const today = spanCap(dayOf(at), place, { whose, max: atMost(most?.serverDay) });
    if (guildId === undefined) return [ofMember, today];
    const { trial } = await policies.read(guildId);
    if (at >= trial.until) return [ofMember, today];
    const firstDay = firstDayOf(trial.until - DAY_MS);
    return [ofMember, spanCap(firstDay, place, { whose, max: atMost(most?.firstDay) }), today];
  }
}

/** Beside the bot's money nothing bounds a renewal but how often its voice had one. */
function renewalCaps({ voice, microUsd, at }: LedgerEntry): NamedCap[] {
  const max = atMost(microUsd === 0 ? undefined : RENEWALS_PER_DAY);
  return [spanCap(dayOf(at), `renewals of voice ${voice}`, { whose: 'voice', max })];
}

function atMost(times: number | undefined): NamedCap['max'] {
  return times === undefined ? {} : { times };
}

function refusal({ cap, sum }: Reached<NamedCap>, upload: Upload, price: MicroUsd = 0): UserError {
  const { until, whose } = cap;
  if (upload.kind === 'renewal')
    return new UserError({
      code: 'E_RENEWAL_BUDGET',
      whose: whose === 'voice' ? 'voice' : 'bot',
      name: upload.name,
      until,
    });
  if (whose === 'member') return new UserError({ code: 'E_RATE', what: 'clones', until });
  const max = cap.max[sum] ?? 0;
  if (whose === 'operator') {
    const where = upload.guildId === undefined ? 'messages' : 'server';
    return new UserError({ code: 'E_CLONES', whose: where, max, until });
  }
  const neverFits = sum === 'microUsd' && price > max && price > 0;
  return new UserError({ code: 'E_CLONES', whose: 'bot', neverFits, until });
}
