import { costOf, type MicroUsd } from '../domain/money.ts';
import type { Charge, Money, Reservation } from '../guilds/money.ts';
import type { Till } from '../venice/till.ts';

/** What a line costs: reserved as a whole, counted call by call, settled once with what it was. */
export interface Tab {
  /** Where the calls for so many characters are charged, a repeated one again. */
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
  const reserve = async (charge: Omit<Charge, 'microUsd'>, microUsd: MicroUsd) => {
    return { microUsd, reservation: await money.reserve({ ...charge, microUsd }) };
  };
  const entries: { microUsd: MicroUsd; reservation: Reservation }[] = [];
  if (!options.isFree) entries.push(await reserve(line, price(line.characters)));
  let covered = options.isFree ? 0 : line.characters;
  let charged = 0;
  let repeats = 0;
  let isClosed = false;

  async function cover(): Promise<void> {
    const more = charged - covered;
    if (more <= 0) return;
    covered += more;
    repeats += 1;
    // The text counts once, however often it is made.
    const charge = { ...line, id: `${line.id}-${repeats}`, characters: 0 };
    try {
      entries.push(await reserve(charge, price(more)));
    } catch (error) {
      covered -= more;
      throw error;
    }
  }

  return {
    till: (characters) => ({
      async charge() {
        charged += characters;
        try {
          await cover();
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
      for (const { microUsd, reservation } of entries) {
        const spent = Math.min(left, microUsd);
        left -= spent;
        if (charged === 0) await reservation.release();
        else await reservation.settle({ microUsd: spent, characters });
        characters = 0;
      }
    },
  };
}
