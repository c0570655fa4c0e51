import { type Problem, unreachable } from '../domain/errors.ts';
import { MINUTE_MS } from '../domain/time.ts';
import type { VeniceError } from './errors.ts';

/** What a member is told about a failure of the provider. */
export function problemOf({ kind, retryAt, model = '' }: VeniceError, now: number): Problem {
  switch (kind) {
    case 'rejected':
    case 'handle-dead':
    case 'not-understood':
      return { code: 'E_PROVIDER_REJECTED' };
    case 'unauthorized':
    case 'forbidden':
      return { code: 'E_PROVIDER_ACCESS' };
    case 'model-unavailable':
      return { code: 'E_PROVIDER_MODEL', model };
    case 'no-balance':
      return { code: 'E_PROVIDER_BALANCE' };
    case 'too-large':
      return { code: 'E_PROVIDER_BIG' };
    case 'rate-limited':
    case 'breaker-open':
      return { code: 'E_PROVIDER_BUSY', until: retryAt ?? now + MINUTE_MS };
    case 'bad-answer':
      return { code: 'E_PROVIDER_BAD_AUDIO' };
    case 'unavailable':
    case 'timeout':
    case 'network':
      return { code: 'E_PROVIDER_DOWN' };
    default:
      return unreachable(kind);
  }
}
