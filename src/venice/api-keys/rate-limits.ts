import { z } from 'zod';
import type { Readiness } from '../access.ts';
import { getJson } from '../json.ts';
import type { Transport } from '../transport.ts';

/** Whether the key works, and how much it may still do. */
export interface ProviderAccess {
  readonly accessPermitted: boolean;
  readonly balances: { readonly usd: number | undefined; readonly diem: number | undefined };
  /** ISO 8601; undefined for a key that does not expire. */
  readonly keyExpiresAt: string | undefined;
}

/** `GET /api_keys/rate_limits`: the readiness check. The limiters follow it. @throws VeniceError. */
export async function readRateLimits(
  transport: Transport,
  { signal }: { signal: AbortSignal },
): Promise<ProviderAccess> {
  const path = '/api_keys/rate_limits';
  const { data } = await getJson(transport, { path, schema: answer, provesKey: true }, { signal });
  const { accessPermitted, balances, keyExpiration, rateLimits } = data;
  for (const { apiModelId, rateLimits: limits } of rateLimits) {
    const perMinute = limits.find(({ type, amount }) => type === 'RPM' && amount >= 1)?.amount;
    // Limits of text and image models are none of ours; all speech models are named so.
    if (apiModelId?.startsWith('tts-') && perMinute !== undefined)
      transport.lanes.of(apiModelId).limiter.allow(perMinute);
  }
  const access: ProviderAccess = {
    accessPermitted,
    balances: { usd: balances?.USD, diem: balances?.DIEM },
    keyExpiresAt: keyExpiration ?? undefined,
  };
  transport.access.learned(readinessOf(access));
  return access;
}

/** What that says of the key: without a single amount told, there may be some. */
export function readinessOf({ accessPermitted, balances }: ProviderAccess): Readiness {
  const amounts = [balances.usd, balances.diem].filter((amount) => amount !== undefined);
  const hasBalance = amounts.length === 0 || amounts.some((amount) => amount > 0);
  return { isPermitted: accessPermitted, hasBalance };
}

const answer = z.object({
  data: z.object({
    accessPermitted: z.boolean(),
    balances: z.object({ USD: z.number().optional(), DIEM: z.number().optional() }).optional(),
    keyExpiration: z.string().nullish(),
    rateLimits: z
      .array(
        z.object({
          apiModelId: z.string().optional(),
          rateLimits: z.array(z.object({ amount: z.number(), type: z.string() })),
        }),
      )
      .default([]),
  }),
});
