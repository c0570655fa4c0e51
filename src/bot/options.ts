import { type BoundOwner, UserError } from '../domain/errors.ts';

/** Bounds are Discord's client's to keep; a modified client does not. @throws UserError E_OPT_RANGE. */
export function inRange(
  option: string,
  value: number | null,
  [min, max]: readonly [number, number],
  whose?: BoundOwner,
): number | undefined {
  if (value === null) return undefined;
  if (!(value >= min && value <= max))
    throw new UserError({ code: 'E_OPT_RANGE', option, min, max, ...(whose && { whose }) });
  return value;
}

/** One of the listed choices. @throws UserError E_OPT_VALUE. */
export function oneOf<T extends string>(
  option: string,
  value: string | null,
  choices: readonly T[],
): T | undefined {
  if (value === null) return undefined;
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw new UserError({ code: 'E_OPT_VALUE', option });
  return choice;
}
