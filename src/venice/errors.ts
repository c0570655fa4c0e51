/** What went wrong at the provider, as far as it changes what we do. */
export type VeniceErrorKind =
  | 'rejected'
  | 'handle-dead'
  | 'unauthorized'
  | 'forbidden'
  | 'model-unavailable'
  | 'no-balance'
  | 'too-large'
  | 'not-understood'
  | 'rate-limited'
  | 'unavailable'
  | 'timeout'
  | 'network'
  | 'bad-answer'
  | 'breaker-open';

export interface VeniceErrorDetails {
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryAt?: number | undefined;
  readonly model?: string | undefined;
  readonly isSpent?: boolean;
  readonly cause?: unknown;
}

/**
 * A call to the provider that failed. It never holds what was sent or what the provider said: both
 * can quote a member's text, a handle or the key. An abort by the caller is not one of these.
 */
export class VeniceError extends Error {
  override readonly name = 'VeniceError';
  readonly kind: VeniceErrorKind;
  readonly status: number | undefined;
  /** The provider's name for the call, for its support. */
  readonly requestId: string | undefined;
  /** When it is worth trying again, in epoch milliseconds. */
  readonly retryAt: number | undefined;
  /** The model that was called, where it is the one that is refused. */
  readonly model: string | undefined;
  /** Whether the provider may have charged for this try of the call. */
  readonly isSpent: boolean;

  constructor(kind: VeniceErrorKind, message: string, details: VeniceErrorDetails = {}) {
    const { status, requestId, retryAt, model, isSpent = false, cause } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
    this.status = status;
    this.requestId = requestId;
    this.retryAt = retryAt;
    this.model = model;
    this.isSpent = isSpent;
  }
}

/** What the provider says of an error: its words, to tell errors apart, and its code, for the log. */
export interface Complaint {
  readonly words: string;
  readonly code: string | undefined;
}

/**
 * Reads the three shapes of an error: a text, a text with details or issues, and OpenAI's object.
 * What is none of them is taken as a text.
 */
export function readComplaint(body: string): Complaint {
  const parsed = asRecord(parseJson(body));
  if (!parsed) return { words: body, code: undefined };
  const { error, details, issues } = parsed;
  const inner = asRecord(error);
  const said = inner ? [inner.message, inner.param, inner.code] : error;
  return {
    words: JSON.stringify([said, details, issues]),
    code: [inner?.code, parsed.code, details].find(isCode),
  };
}

/**
 * @param complaint undefined where it could not be read: that blames no handle.
 * @param call whether it named one of our handles, and a model.
 */
export function kindOfStatus(
  status: number,
  complaint: Complaint | undefined,
  { usesHandle, namesModel }: { usesHandle: boolean; namesModel: boolean },
): VeniceErrorKind {
  switch (status) {
    case 400:
      return usesHandle && complaint && blamesHandle(complaint.words) ? 'handle-dead' : 'rejected';
    case 401:
      return 'unauthorized';
    case 402:
      return 'no-balance';
    case 403:
      return 'forbidden';
    case 404:
    case 410:
      return namesModel ? 'model-unavailable' : 'unavailable';
    case 413:
      return 'too-large';
    case 415:
    case 422:
      return 'not-understood';
    case 429:
      return 'rate-limited';
    default:
      return 'unavailable';
  }
}

/** Whatever is refused without blame on another parameter is refused because the handle is dead. */
function blamesHandle(words: string): boolean {
  if (/response[_ ]?format|supported\b[\w ]*\bformat|\b(speed|temperature|language)\b/i.test(words))
    return false;
  // "Invalid input" is also how a schema begins, whatever it has to say.
  return /\b(voice|handle)\b/i.test(words) || !/\binput\b/i.test(words);
}

/** Only a name in capitals: anything else could quote what was sent. */
function isCode(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z][A-Z0-9_]{2,63}$/.test(value);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
