import { costOf, type MicroUsd } from '../domain/money.ts';
import type { Charge, Money, Reservation } from '../guilds/money.ts';
import { payPerAnswer, type Till } from '../venice/till.ts';

/** What a line costs: reserved as a whole, counted call by call, settled once with what it was. */
export interface Tab {
  /**
   * Where the calls for a piece of so many characters are charged, one after the other: a repeated one
   * again, but for those that were lost without any answer.
   */
  till(characters: number): Till;
  /** Settles what was charged and gives back the rest; further calls do nothing. */
  close(): Promise<void>;
}

/**
 * Reserves a whole line, called once each piece. What calls cost on top, repeated or not expected of
 * a line that is free, is reserved when they are made.
 * @throws UserError E_BUDGET, E_CHARACTERS.
 */
export async function openTab(
  money: Money,
  line: Omit<Charge, 'microUsd'>,
  options: { price: MicroUsd; isFree: boolean },
): Promise<Tab> {
  const price = (characters: number) => costOf(characters, options.price);
  const entries: Promise<{ microUsd: MicroUsd; reservation: Reservation }>[] = [];
  let covered = 0;
  let charged = 0;
  let repeats = 0;
  let isClosed = false;

  /** For the whole line first, then for what is asked for on top: the text counts once. */
  async function reserve(more: number): Promise<void> {
    const isFirst = entries.length === 0;
    const added = isFirst ? Math.max(more, line.characters) : more;
    const characters = isFirst ? line.characters : 0;
    if (!isFirst) repeats += 1;
    const id = isFirst ? line.id : `${line.id}-${repeats}`;
    const microUsd = price(added);
    const reserving = money
      .reserve({ ...line, id, characters, microUsd })
      .then((reservation) => ({ microUsd, reservation }));
    entries.push(reserving);
    covered += added;
    try {
      await reserving;
    } catch (error) {
      covered -= added;
      entries.splice(entries.indexOf(reserving), 1);
      throw error;
    }
  }

  if (!options.isFree) await reserve(0);

  return {
    till: (characters) =>
      payPerAnswer({
        async charge() {
          if (isClosed) throw new Error('A line that is over is asked for');
          charged += characters;
          try {
            if (charged > covered) await reserve(charged - covered);
            else await Promise.all(entries);
          } catch (error) {
            charged -= characters;
            throw error;
          }
        },
        giveBack() {
          charged -= characters;
        },
      }),

    async close() {
      if (isClosed) return;
      isClosed = true;
      let characters = Math.min(charged, line.characters);
      let left = price(charged);
      for (const entry of await Promise.allSettled(entries)) {
        if (entry.status === 'rejected') continue;
        const { microUsd, reservation } = entry.value;
        const spent = Math.min(left, microUsd);
        left -= spent;
        if (charged === 0) await reservation.release();
        else await reservation.settle({ microUsd: spent, characters });
        characters = 0;
      }
    },
  };
}
