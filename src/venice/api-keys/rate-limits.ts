import { z } from 'zod';
import { getJson } from '../json.ts';
import type { Transport } from '../transport.ts';

/** Whether the key works, and how much it may still do. */
export interface ProviderAccess {
  readonly accessPermitted: boolean;
  readonly balances: { readonly usd: number | undefined; readonly diem: number | undefined };
  /** ISO 8601; undefined for a key that does not expire. */
  readonly keyExpiresAt: string | undefined;
  /** Of the speech models; undefined where the provider does not say. */
  readonly requestsPerMinute: number | undefined;
}

/** `GET /api_keys/rate_limits`: the readiness check. The limiter follows it. @throws VeniceError. */
export async function readRateLimits(
  transport: Transport,
  { signal }: { signal: AbortSignal },
): Promise<ProviderAccess> {
  const path = '/api_keys/rate_limits';
  const { data } = await getJson(transport, { path, schema: answer, provesKey: true }, { signal });
  const { accessPermitted, balances, keyExpiration, rateLimits } = data;
  const requestsPerMinute = leastPerMinute(rateLimits);
  if (requestsPerMinute !== undefined) transport.limiter.allow(requestsPerMinute);
  if (!accessPermitted) transport.access.refused('forbidden');
  else if (transport.access.state() !== 'no-balance') transport.access.granted();
  return {
    accessPermitted,
    balances: { usd: balances?.USD, diem: balances?.DIEM },
    keyExpiresAt: keyExpiration ?? undefined,
    requestsPerMinute,
  };
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

/** Limits of text and image models are other ones; all speech models are named so. */
function leastPerMinute(models: z.output<typeof answer>['data']['rateLimits']): number | undefined {
  const amounts = models
    .filter(({ apiModelId }) => apiModelId?.startsWith('tts-'))
    .flatMap(({ rateLimits }) => rateLimits)
    .filter(({ type, amount }) => type === 'RPM' && amount >= 1)
    .map(({ amount }) => amount);
  return amounts.length > 0 ? Math.min(...amounts) : undefined;
}
