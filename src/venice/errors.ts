/** What went wrong at the provider, as far as it changes what we do. */
export type VeniceErrorKind =
  | 'rejected'
  | 'handle-dead'
  | 'unauthorized'
  | 'no-balance'
  | 'too-large'
  | 'not-understood'
  | 'rate-limited'
  | 'unavailable'
  | 'timeout'
  | 'network'
  | 'bad-answer';

/**
 * A call to the provider that failed. It never holds what was sent or what the provider said: both
 * can quote a member's text. An abort by the caller is not one of these.
 */
export class VeniceError extends Error {
  override readonly name = 'VeniceError';
  readonly kind: VeniceErrorKind;
  readonly status: number | undefined;
  /** When it is worth trying again, in epoch milliseconds. */
  readonly retryAt: number | undefined;
  /** Whether the provider may have charged for it. */
  readonly isSpent: boolean;

  constructor(
    kind: VeniceErrorKind,
    message: string,
    details: { status?: number; retryAt?: number; isSpent?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.status = details.status;
    this.retryAt = details.retryAt;
    this.isSpent = details.isSpent ?? false;
  }
}

/**
 * The provider's own words about an error, from its three shapes: a text, a text with details, and
 * OpenAI's object. For telling errors apart, never for showing.
 */
export function readProviderWords(body: string): string {
  const parsed = parseJson(body);
  if (typeof parsed !== 'object' || parsed === null) return body;
  const { error, details, issues } = parsed as Record<string, unknown>;
  const about =
    typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  const said =
    typeof error === 'string' ? error : [about['message'], about['param'], about['code']];
  return JSON.stringify([said, details, issues]);
}

/** The kind of an answer that is not a success. @param handle whether the call named one of ours. */
export function kindOfStatus(status: number, words: string, usesHandle: boolean): VeniceErrorKind {
  switch (status) {
    case 400:
    case 404:
      return usesHandle && blamesHandle(words) ? 'handle-dead' : 'rejected';
    case 401:
    case 403:
      return 'unauthorized';
    case 402:
      return 'no-balance';
    case 413:
      return 'too-large';
    case 415:
    case 422:
      return 'not-understood';
    case 429:
      return 'rate-limited';
    default:
      return status >= 500 ? 'unavailable' : 'rejected';
  }
}

/** A refusal that blames none of the other parameters means that the handle is dead. */
function blamesHandle(words: string): boolean {
  if (/response_format|\bspeed\b|\btemperature\b/i.test(words)) return false;
  return /\b(voice|handle)\b/i.test(words) || !/\binput\b/i.test(words);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
