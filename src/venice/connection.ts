import { Agent, buildConnector, errors } from 'undici';
import { MINUTE_MS } from '../domain/time.ts';
import { TooLate } from './deadline.ts';
import { VeniceError } from './errors.ts';
import type { Timing } from './timing.ts';

/** Connections that are kept, and whose failures tell whether anything was sent over them. */
export function openConnections({ connectMs, firstByteMs }: Timing): Agent {
  const connect = buildConnector({ timeout: connectMs, allowH2: false });
  return new Agent({
    connect: (options, callback) =>
      connect(options, (...[error, socket]) => {
        if (error) callback(new NotConnected(error), null);
        else callback(null, socket);
      }),
    // Over HTTP/2 all calls would share one connection, and its end.
    allowH2: false,
    headersTimeout: firstByteMs,
    // The reader of a body does this: it tells the first byte from the next ones.
    bodyTimeout: 0,
    keepAliveTimeout: MINUTE_MS,
  });
}

/** What the failure of a call means; once it was on its way, it may have been charged for. */
export function failureOf(
  error: unknown,
  { name, isAudio }: { name: string; isAudio: boolean },
): VeniceError {
  if (error instanceof NotConnected)
    return new VeniceError('network', `${name} found no connection (${codeOf(error.cause)})`, {
      cause: error.cause,
    });
  const code = codeOf(error);
  if (error instanceof TooLate || code === 'UND_ERR_HEADERS_TIMEOUT')
    return new VeniceError('timeout', `${name} took too long`, { isSpent: isAudio });
  return new VeniceError('network', `${name} lost its connection (${code})`, {
    isSpent: isAudio,
    // A parser's error holds the bytes it could not parse.
    cause: error instanceof errors.HTTPParserError ? undefined : error,
  });
}

class NotConnected extends Error {
  override readonly name = 'NotConnected';

  constructor(cause: Error) {
    super('There is no connection to the provider', { cause });
  }
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'no code';
}
