import type { ServerResponse } from 'node:http';
import { refuse, sendJson } from './answers.ts';

/** What the key may do, and what it may take from. */
export interface Account {
  usd: number;
  isPermitted: boolean;
  readonly perMinute: number;
}

/** Refuses what costs where the account is closed or empty. @returns whether it did. */
export function isBarred(response: ServerResponse, { usd, isPermitted }: Account): boolean {
  if (!isPermitted) refuse(response, 403, 'API access is disabled for this account');
  else if (usd <= 0)
    refuse(response, 402, { error: 'Insufficient balance', code: 'INSUFFICIENT_BALANCE' });
  return !isPermitted || usd <= 0;
}

/** `GET /api_keys/rate_limits`. */
export function sendAccess(response: ServerResponse, account: Account): void {
  sendJson(response, {
    data: {
      accessPermitted: account.isPermitted,
      apiTier: { id: 'paid', isCharged: true },
      balances: { USD: account.usd, DIEM: 0 },
      keyExpiration: null,
      nextEpochBegins: '2030-01-01T00:00:00.000Z',
      rateLimits: [
        {
          apiModelId: 'tts-chatterbox-hd',
          rateLimits: [{ amount: account.perMinute, type: 'RPM' }],
        },
      ],
    },
  });
}

/** `GET /billing/balance`, for admin keys alone. */
export function sendBalance(response: ServerResponse, account: Account, isAdmin: boolean): void {
  if (!isAdmin) return refuse(response, 401, 'Admin API key required');
  sendJson(response, {
    canConsume: account.usd > 0,
    consumptionCurrency: 'USD',
    balances: { usd: account.usd, diem: null },
    diemEpochAllocation: 0,
  });
}
