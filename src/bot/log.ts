import pino, { type Logger, type SerializedError } from 'pino';

/**
 * JSON lines on stdout, pretty on a terminal. Errors are written field by field from a list, because
 * those of libraries carry tokens in addresses and members' words in bodies.
 */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: null,
    serializers: { err: describeError },
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

/** Tokens in addresses, handles and keys, wherever a message quotes them. */
function mask(text: string): string {
  return text
    .replace(/\b(webhooks|interactions)\/(\d+)\/[^/\s?"']+/g, '$1/$2/…')
    .replace(/\bvv_\w+/g, 'vv_…')
    .replace(/\b(Bearer|Bot) \S+/g, '$1 …')
    .replace(/\?(ex|is|hm)=\S+/g, '?…');
}
