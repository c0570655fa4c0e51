import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, type Dispatcher, type FormData, request } from 'undici';
import { type Clock, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import { kindOfStatus, readProviderWords, VeniceError } from './errors.ts';
import { createLimiter, type Limiter } from './limiter.ts';

/** One call to the provider. */
export interface ProviderCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Record<string, unknown> | FormData;
  /** How often it may be made in all where repeating it can help. */
  readonly tries: number;
  readonly totalMs: number;
  /** Whether it counts against the requests a minute of the audio calls. */
  readonly isAudio: boolean;
  /** Whether it names one of our handles, which may turn out to be dead. */
  readonly usesHandle?: boolean;
}

export interface ProviderResponse {
  readonly contentType: string;
  /** Read to its end, or the signal aborted; fails with VeniceError 'timeout' or 'network'. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** All calls go through here: one key, one set of connections, one limiter, one breaker. */
export interface Transport extends AsyncDisposable {
  readonly limiter: Limiter;
  readonly breaker: Breaker;
  /** @throws VeniceError; the signal's own reason when the caller aborts. */
  send(call: ProviderCall, options: { signal: AbortSignal }): Promise<ProviderResponse>;
}

export interface TransportOptions {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly clock: Clock;
  /** Called whenever only the operator can help. */
  readonly onTrouble?: (kind: 'unauthorized' | 'no-balance') => void;
  /** @default connect 5 s, first byte 30 s, idle 10 s */
  readonly timeouts?: { connectMs: number; firstByteMs: number; idleMs: number };
  /** The first pause before a repeat; each further one may be twice as long. @default 500 */
  readonly backoffMs?: number;
}

const TIMEOUTS = { connectMs: 5 * SECOND_MS, firstByteMs: 30 * SECOND_MS, idleMs: 10 * SECOND_MS };
const MAX_BACKOFF_MS = 8 * SECOND_MS;
/** A rate limit that ends within this is waited for. */
const NEAR_RESET_MS = 20 * SECOND_MS;
/** After a 402 nothing is tried for this long: each refusal counts as a failure of the key. */
const NO_BALANCE_PAUSE_MS = 10 * MINUTE_MS;
/** An error says what it has to say in this much. */
const MAX_ERROR_BYTES = 64 * 1024;

export function createTransport(options: TransportOptions): Transport {
  const { apiKey, baseUrl, clock, onTrouble, timeouts = TIMEOUTS, backoffMs = 500 } = options;
  const limiter = createLimiter(clock);
  const breaker = createBreaker(clock);
  const agent = new Agent({
    connect: { timeout: timeouts.connectMs },
    headersTimeout: timeouts.firstByteMs,
    // The time between two chunks is watched here, only while somebody waits for the next.
    bodyTimeout: 0,
    keepAliveTimeout: MINUTE_MS,
  });
  let noBalanceUntil = 0;

  return {
    limiter,
    breaker,

    async send(call, { signal }) {
      const overall = AbortSignal.timeout(call.totalMs);
      const either = AbortSignal.any([signal, overall]);
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await sendOnce(call, either);
        } catch (error) {
          signal.throwIfAborted();
          const failure = overall.aborted ? timedOut(error) : asVeniceError(error);
          const pauseMs = repeatAfter(failure, attempt);
          if (attempt >= call.tries || pauseMs === undefined || overall.aborted) throw failure;
          await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
        }
      }
    },

    async [Symbol.asyncDispose]() {
      await agent.destroy();
    },
  };

  async function sendOnce(call: ProviderCall, signal: AbortSignal): Promise<ProviderResponse> {
    // Before waiting for a turn, to fail at once; and after it, for what failed meanwhile.
    checkPaused(call);
    if (call.isAudio) await limiter.take({ signal });
    checkPaused(call);
    breaker.enter();
    const response = await transmit(call, signal);
    follow(response.headers);
    const { statusCode: status, headers, body } = response;
    if (status >= 200 && status < 300) {
      breaker.succeeded();
      return { contentType: String(headers['content-type'] ?? ''), chunks: read(body, signal) };
    }
    if (call.path !== '/billing/balance') breaker.failed();
    const words = readProviderWords(await readSome(body));
    throw refusal(call, status, words, headers);
  }

  function checkPaused({ isAudio }: ProviderCall): void {
    const retryAt = breaker.pausedUntil();
    if (retryAt !== undefined)
      throw new VeniceError('unavailable', 'Too many calls failed; waiting before the next', {
        retryAt,
      });
    if (isAudio && noBalanceUntil > clock())
      throw new VeniceError('no-balance', 'The provider lately had no balance to take from');
  }

  async function transmit(call: ProviderCall, signal: AbortSignal) {
    const { method, path, body } = call;
    const isForm = body !== undefined && isFormData(body);
    try {
      return await request(`${baseUrl}${path}`, {
        method,
        dispatcher: agent,
        signal,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
      });
    } catch (error) {
      if (!signal.aborted) breaker.failed();
      throw error;
    }
  }

  function refusal(
    call: ProviderCall,
    status: number,
    words: string,
    headers: Dispatcher.ResponseData['headers'],
  ): VeniceError {
    const kind = kindOfStatus(status, words, call.usesHandle ?? false);
    if (kind === 'no-balance') noBalanceUntil = clock() + NO_BALANCE_PAUSE_MS;
    // An inference key may not ask for the balance: that call alone says nothing about the key.
    if (kind === 'no-balance' || (kind === 'unauthorized' && call.isAudio)) onTrouble?.(kind);
    const retryAt = kind === 'rate-limited' ? resetOf(headers) : undefined;
    if (retryAt !== undefined) limiter.blockUntil(retryAt);
    return new VeniceError(kind, `${call.method} ${call.path} was answered with ${status}`, {
      status,
      isSpent: status === 504,
      ...(retryAt !== undefined && { retryAt }),
    });
  }

  /** How long to wait before a repeat; undefined where a repeat cannot help. */
  function repeatAfter(error: VeniceError, attempt: number): number | undefined {
    const { kind, status, retryAt, isSpent } = error;
    if (kind === 'rate-limited' && status === 429) {
      const ms = (retryAt ?? Number.POSITIVE_INFINITY) - clock();
      return ms <= NEAR_RESET_MS ? Math.max(0, ms) : undefined;
    }
    const canHelp =
      (kind === 'unavailable' && status !== undefined) || (kind === 'network' && !isSpent);
    if (!canHelp) return undefined;
    return Math.random() * Math.min(MAX_BACKOFF_MS, backoffMs * 2 ** attempt);
  }

  /** What the provider says of its limits in every answer. */
  function follow(headers: Dispatcher.ResponseData['headers']): void {
    const limit = Number(headers['x-ratelimit-limit-requests']);
    if (Number.isFinite(limit) && limit > 0) limiter.allow(limit);
    const reset = resetOf(headers);
    if (headers['x-ratelimit-remaining-requests'] === '0' && reset !== undefined)
      limiter.blockUntil(reset);
  }

  /** @returns epoch milliseconds; undefined where the header is missing, over or absurd. */
  function resetOf(headers: Dispatcher.ResponseData['headers']): number | undefined {
    const at = Number(headers['x-ratelimit-reset-requests']) * SECOND_MS;
    const isPlausible = at > clock() && at < clock() + 10 * MINUTE_MS;
    return isPlausible ? at : undefined;
  }

  async function* read(
    body: Dispatcher.ResponseData['body'],
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const iterator = body[Symbol.asyncIterator]();
    let waitMs = timeouts.firstByteMs;
    try {
      for (;;) {
        const late = setTimeout(() => body.destroy(new IdleError()), waitMs);
        const { done, value } = await iterator.next().finally(() => clearTimeout(late));
        if (done) return;
        waitMs = timeouts.idleMs;
        yield value as Uint8Array;
      }
    } catch (error) {
      breaker.failed();
      if (signal.reason?.name === 'TimeoutError') throw timedOut(error);
      signal.throwIfAborted();
      throw asVeniceError(error);
    } finally {
      body.destroy();
    }
  }
}

class IdleError extends Error {
  override readonly name = 'IdleError';
  readonly code = 'UND_ERR_BODY_TIMEOUT';
}

function isFormData(body: object): body is FormData {
  return body.constructor.name === 'FormData';
}

async function readSome(body: Dispatcher.ResponseData['body']): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    parts.push(chunk as Uint8Array);
    length += (chunk as Uint8Array).byteLength;
    if (length > MAX_ERROR_BYTES) break;
  }
  return Buffer.concat(parts).toString();
}

function timedOut(cause: unknown): VeniceError {
  return new VeniceError('timeout', 'The provider took too long', { isSpent: true, cause });
}

/** Before the request was out nothing can have been charged; after that it may have been. */
function asVeniceError(error: unknown): VeniceError {
  if (error instanceof VeniceError) return error;
  const code = error instanceof Error ? String(Reflect.get(error, 'code') ?? '') : '';
  if (/HEADERS_TIMEOUT|BODY_TIMEOUT/.test(code)) return timedOut(error);
  const wasSent = !/CONNECT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT|TLS/.test(code);
  return new VeniceError('network', `The connection to the provider failed (${code})`, {
    isSpent: wasSent,
    cause: error,
  });
}
