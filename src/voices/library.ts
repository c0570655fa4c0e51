import { UserError } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import { countCodePoints, foldName } from '../domain/text.ts';
import type { SpokenVoice, StockVoice, Voice } from '../domain/voice.ts';
import type { Store } from '../store/store.ts';
import type { Catalogue } from '../venice/catalogue.ts';
import { stockVoices } from '../venice/stock-voices.ts';

/** The voices a member may name: their own, then the stock voices. */
export interface Library {
  list(userId: Snowflake): Promise<readonly Voice[]>;
  /** The voice a member means; without a query their default one. @throws UserError E_VOICE_*. */
  resolve(userId: Snowflake, query: string | undefined): Promise<SpokenVoice>;
  /** A voice the member owns. @throws UserError E_VOICE_NONE. */
  resolveOwn(userId: Snowflake, query: string): Promise<Voice>;
  /** A voice the member owns, by its id. @throws UserError E_NOT_YOURS. */
  readOwn(userId: Snowflake, id: unknown): Promise<Voice>;
  /** Names that fit what was typed so far, best first. */
  suggest(userId: Snowflake, typed: string): Promise<readonly string[]>;
  suggestOwn(userId: Snowflake, typed: string): Promise<readonly string[]>;
  /** A voice's name as it may be kept. @throws UserError E_NAME_BAD, E_NAME_TAKEN by a stock voice. */
  readName(typed: string): string;
  /**
   * Finds a name that none of the member's voices has: the wanted one, without invisible characters,
   * or else with a number behind it. @param replaced the id of a voice whose name may be used again.
   */
  freeName(userId: Snowflake, wanted: string, replaced?: string): Promise<string>;
}

const MAX_NAME = 32;

export function createLibrary({
  store,
  catalogue,
}: {
  store: Store;
  catalogue: Catalogue;
}): Library {
  const list: Library['list'] = async (userId) => {
    const owner = await store.members.findRef(userId);
    return owner === undefined ? [] : await store.voices.list(owner);
  };

  // Each is also asked for by its first word.
  const stockNames = () =>
    stockVoices(catalogue).flatMap(({ id, name }) => [
      foldName(id),
      foldName(name),
      firstWordOf(name),
    ]);

  return {
    list,

    async resolve(userId, query) {
      const own = await list(userId);
      if (query === undefined) {
        const voice = own.find(({ isDefault }) => isDefault) ?? own[0];
        if (!voice) throw new UserError({ code: 'E_VOICE_MISSING', offersStock: true });
        return { kind: 'own', voice };
      }
      const voice = own.find(({ name }) => foldName(name) === foldName(query));
      if (voice) return { kind: 'own', voice };
      return { kind: 'stock', stock: findStock(stockVoices(catalogue), query) };
    },

    async resolveOwn(userId, query) {
      const own = await list(userId);
      const voice = own.find(({ name }) => foldName(name) === foldName(query));
      if (!voice) throw new UserError({ code: 'E_VOICE_NONE', query, among: 'own' });
      return voice;
    },

    async readOwn(userId, id) {
      const voice = (await list(userId)).find((own) => own.id === id);
      if (!voice) throw new UserError({ code: 'E_NOT_YOURS' });
      return voice;
    },

    async suggest(userId, typed) {
      const own = (await list(userId)).map(({ name }) => name);
      return fitting([...own, ...stockVoices(catalogue).map(({ name }) => name)], typed);
    },

    async suggestOwn(userId, typed) {
      return fitting(
        (await list(userId)).map(({ name }) => name),
        typed,
      );
    },

    readName(typed) {
      const name = tidyName(typed);
      // One name must not mean two voices: the stock voice could no longer be asked for.
      if (stockNames().includes(foldName(name)))
        throw new UserError({ code: 'E_NAME_TAKEN', name, by: 'stock' });
      return name;
    },

    async freeName(userId, wanted, replaced) {
      const others = (await list(userId)).filter(({ id }) => id !== replaced);
      const own = others.map(({ name }) => foldName(name));
      const taken = new Set([...own, ...stockNames()]);
      const clean = cleanName(wanted);
      const base = VISIBLE.test(clean) ? clean : 'My voice';
      for (let number = 1; ; number += 1) {
        const suffix = number === 1 ? '' : ` ${number}`;
        const name =
          [...base]
            .slice(0, MAX_NAME - suffix.length)
            .join('')
            .trim() + suffix;
        if (!taken.has(foldName(name))) return name;
      }
    },
  };
}

/** @throws UserError E_NAME_BAD. */
function tidyName(typed: string): string {
  const name = cleanName(typed);
  const fits = countCodePoints(name) <= MAX_NAME && VISIBLE.test(name);
  if (!fits) throw new UserError({ code: 'E_NAME_BAD' });
  return name;
}

const VISIBLE = /[\p{L}\p{N}]/u;

/** Without characters that cannot be seen, so that no two names look alike. */
function cleanName(typed: string): string {
  return typed
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

function firstWordOf(name: string): string {
  return foldName(name).split(' ')[0] ?? '';
}

/** By its full name, its id, or its first word where only one voice has it. */
function findStock(stock: readonly StockVoice[], query: string): StockVoice {
  const wanted = foldName(query);
  const exact = stock.find(({ id, name }) => foldName(name) === wanted || id === wanted);
  if (exact) return exact;
  const [first, ...others] = stock.filter(({ name }) => firstWordOf(name) === wanted);
  if (!first) throw new UserError({ code: 'E_VOICE_NONE', query, among: 'all' });
  if (others.length > 0) throw new UserError({ code: 'E_VOICE_AMBIGUOUS', query });
  return first;
}

function fitting(names: readonly string[], typed: string): readonly string[] {
  const wanted = foldName(typed);
  const starts = names.filter((name) => foldName(name).startsWith(wanted));
  const holds = names.filter((name) => !starts.includes(name) && foldName(name).includes(wanted));
  return [...starts, ...holds].slice(0, 25);
}
