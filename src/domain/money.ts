/** Money in millionths of a US dollar, always a whole number. */
export type MicroUsd = number;

const MICRO_USD_PER_USD = 1_000_000;

/** What a text costs: a piece of a micro-dollar counts as a whole one. */
export function costOf(characters: number, microUsdPerMillion: MicroUsd): MicroUsd {
  return Math.ceil((characters * microUsdPerMillion) / 1_000_000);
}

export function fromUsd(usd: number): MicroUsd {
  return Math.round(usd * MICRO_USD_PER_USD);
}

export function toUsd(amount: MicroUsd): number {
  return amount / MICRO_USD_PER_USD;
}

/** `$0.50` and `$1.23`; of less than a dollar also what is below a cent: `$0.0123`. Never less than it is. */
export function formatUsd(amount: MicroUsd): string {
  return (amount < MICRO_USD_PER_USD ? SMALL : LARGE).format(toUsd(amount));
}

const DOLLARS = { style: 'currency', currency: 'USD', roundingMode: 'ceil' } as const;
const LARGE = new Intl.NumberFormat('en-US', DOLLARS);
const SMALL = new Intl.NumberFormat('en-US', { ...DOLLARS, maximumFractionDigits: 4 });
