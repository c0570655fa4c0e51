import pino, { type Logger, type SerializedError } from 'pino';

/** Its number in pino. */
const ERROR = 50;

/**
 * JSON lines on stdout, pretty on a terminal. Errors are written field by field from a list, because
 * those of libraries carry tokens in addresses and members' words in bodies. Below the level of an
 * error, what may well happen is said in a sentence: a stack is for bugs.
 */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: null,
    serializers: { err: describeError },
    hooks: {
      logMethod(args, method, written) {
        if (written < ERROR) args[0] = briefly(args[0]);
        method.apply(this, args);
      },
    },
    ...(process.stdout.isTTY && { transport: { target: 'pino-pretty' } }),
  });
}

const SHOWN = ['code', 'kind', 'status', 'method', 'syscall'] as const;

/** What of an error may be read by whoever reads logs. */
export function describeError(error: unknown): Partial<SerializedError> | { type: string } {
  if (!(error instanceof Error)) return { type: typeof error };
  const shown = SHOWN.flatMap((key) => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === 'string' || typeof value === 'number' ? [[key, value] as const] : [];
  });
  return {
    type: error.name,
    message: mask(error.message),
    ...Object.fromEntries(shown),
    stack: mask(error.stack ?? ''),
    ...(error.cause instanceof Error && { cause: describeError(error.cause) }),
  };
}

/** The same fields, with what is no bug as `why`. */
function briefly<T>(fields: T): T {
  if (typeof fields !== 'object' || fields === null || !('err' in fields)) return fields;
  const { err, ...others } = fields;
  return isExpected(err) ? ({ ...others, why: sayWhy(err) } as T) : fields;
}

/** What a server, the system or we ourselves refuse has a code or a kind; a bug has none, or Node's. */
function isExpected(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return true;
  const marks = ['code', 'kind', 'status', 'problem'].map((key) => Reflect.get(error, key));
  const isMarked = marks.some((mark: unknown) => mark !== undefined && !/^ERR_/.test(String(mark)));
  return isMarked || isExpected(error.cause);
}

function sayWhy({ name, message, cause }: Error): string {
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  const why = typeof code === 'string' ? `${message} (${code})` : message;
  return mask(`${name}: ${why.replace(/\s+/g, ' ')}`);
}

/** Tokens in addresses, handles and keys, wherever a message quotes them. */
function mask(text: string): string {
  return text
    .replace(/\b(webhooks|interactions)\/(\d+)\/[^/\s?"']+/g, '$1/$2/…')
    .replace(/\bvv_\w+/g, 'vv_…')
    .replace(/\b(Bearer|Bot) \S+/g, '$1 …')
    .replace(/\?(ex|is|hm)=\S+/g, '?…');
}
