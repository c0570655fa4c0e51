import { z } from 'zod';
import { VeniceError } from '../errors.ts';
import { getJson } from '../json.ts';
import type { Transport } from '../transport.ts';

export interface Balance {
  readonly canConsume: boolean;
  readonly usd: number | undefined;
  readonly diem: number | undefined;
}

/**
 * `GET /billing/balance`, for admin keys. @returns undefined for an inference key: that it may not
 * ask does not make it a bad key. @throws VeniceError.
 */
export async function findBalance(
  transport: Transport,
  { signal }: { signal: AbortSignal },
): Promise<Balance | undefined> {
  const path = '/billing/balance';
  try {
    const found = await getJson(transport, { path, schema: answer, provesKey: false }, { signal });
    const { canConsume, balances } = found;
    return { canConsume, usd: balances.usd ?? undefined, diem: balances.diem ?? undefined };
  } catch (error) {
    if (error instanceof VeniceError && error.kind === 'unauthorized') return undefined;
    throw error;
  }
}

const answer = z.object({
  canConsume: z.boolean(),
  balances: z.object({ usd: z.number().nullish(), diem: z.number().nullish() }),
});
