import type { ServerResponse } from 'node:http';
import { refuse, sendJson } from './answers.ts';

/** `GET /api_keys/rate_limits`. */
export function sendAccess(response: ServerResponse, requestsPerMinute: number): void {
  sendJson(response, {
    data: {
      accessPermitted: true,
      apiTier: { id: 'paid', isCharged: true },
      balances: { USD: 12.5, DIEM: 0 },
      keyExpiration: null,
      nextEpochBegins: '2030-01-01T00:00:00.000Z',
      rateLimits: [
        {
          apiModelId: 'tts-chatterbox-hd',
          rateLimits: [{ amount: requestsPerMinute, type: 'RPM' }],
        },
      ],
    },
  });
}

/** `GET /billing/balance`, for admin keys alone. */
export function sendBalance(response: ServerResponse, isAdmin: boolean): void {
  if (!isAdmin) return refuse(response, 401, 'Admin API key required');
  sendJson(response, {
    canConsume: true,
    consumptionCurrency: 'USD',
    balances: { usd: 12.5, diem: null },
    diemEpochAllocation: 0,
  });
}
