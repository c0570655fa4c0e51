import { type Agent, type Dispatcher, FormData, request } from 'undici';
import type { Clock } from '../domain/time.ts';
import { failureOf } from './connection.ts';
import { type Deadline, TooLate } from './deadline.ts';
import { kindOfStatus, readComplaint, VeniceError } from './errors.ts';
import type { Limiter } from './limiter.ts';
import { readRate, readRetryAt } from './rate-headers.ts';
import type { Timing } from './timing.ts';

/** One call to the provider. */
export interface ProviderCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>> | FormData;
  /** Sound is told from an error page by its content type; JSON is by being parsed. */
  readonly expects: 'sound' | 'json';
  /** Whether it is one of the audio calls: counted against the rate, and charged for. */
  readonly isAudio: boolean;
  /** The model it names. */
  readonly model?: string;
  /** Whether it names one of our handles, which may turn out to be dead. */
  readonly usesHandle?: boolean;
}

/** An answer whose first bytes are here. */
export interface Answer {
  readonly contentType: string;
  /**
   * Read to its end, left by `return`, or ended by the signal; it is read once.
   * Fails with VeniceError 'timeout' or 'network', or the signal's own reason.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** So much can be heard of what came: sound that comes more slowly than that runs out of time. */
  heard(ms: number): void;
}

export interface RequestOptions {
  /** The caller's. */
  readonly signal: AbortSignal;
  readonly deadline: Deadline;
  /** Of the calls this one is counted with; follows what its answer says. */
  readonly limiter: Limiter;
  /** Called when the head of an answer is here, whatever it says. */
  readonly onAnswered: () => void;
  /** Called when the body fails after its first bytes were handed out. */
  readonly onBroken: () => void;
}

/** One try of one call. @throws VeniceError; the signal's own reason when the caller aborts. */
export type Request = (call: ProviderCall, options: RequestOptions) => Promise<Answer>;

/** An error says what it has to say in this much. */
const MAX_ERROR_BYTES = 64 * 1024;

export function createRequest(options: {
  agent: Agent;
  apiKey: string;
  baseUrl: string;
  timing: Timing;
  clock: Clock;
}): Request {
  const { agent, apiKey, baseUrl, timing, clock } = options;

  return async (call, { signal, deadline, limiter, onAnswered, onBroken }) => {
    const response = await send(call, { signal, deadline });
    onAnswered();
    const { statusCode: status, headers, body } = response;
    const contentType = String(headers['content-type'] ?? '');
    if (call.isAudio) limiter.follow(readRate(headers, clock()));

    const chunks = watch(body, { call, signal, deadline });
    if (status < 200 || status > 299) {
      // At once: reading what it has to say takes its time.
      const retryAt = status === 429 ? readRetryAt(headers, clock()) : undefined;
      if (call.isAudio && retryAt !== undefined) limiter.blockUntil(retryAt);
      throw refusal(call, response, { words: await readWords(chunks, signal), retryAt });
    }
    if (call.expects === 'sound' && !isSound(contentType)) {
      await readWords(chunks, signal);
      throw badAnswer(call, 'something that is no sound');
    }
    const first = await chunks.next();
    if (first.done) throw badAnswer(call, 'nothing');
    if (call.expects === 'sound') deadline.setTo(timing.lagMs);
    const { extend: heard } = deadline;
    return { contentType, chunks: startWith(first.value, chunks, onBroken), heard };
  };

  async function send(
    call: ProviderCall,
    { signal, deadline }: Pick<RequestOptions, 'signal' | 'deadline'>,
  ): Promise<Dispatcher.ResponseData> {
    const { method, path, body } = call;
    const isForm = body instanceof FormData;
    try {
      return await request(`${baseUrl}${path}`, {
        method,
        dispatcher: agent,
        signal: AbortSignal.any([signal, deadline.signal]),
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(body && !isForm && { 'content-type': 'application/json' }),
        },
        ...(body && { body: isForm ? body : JSON.stringify(body) }),
      });
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(error, { name: nameOf(call), isAudio: call.isAudio });
    }
  }

  function refusal(
    call: ProviderCall,
    { statusCode: status, headers }: Dispatcher.ResponseData,
    { words, retryAt }: { words: string | undefined; retryAt: number | undefined },
  ): VeniceError {
    const complaint = words === undefined ? undefined : readComplaint(words);
    const { usesHandle = false, model } = call;
    const kind = kindOfStatus(status, complaint, { usesHandle, namesModel: model !== undefined });
    const code = complaint?.code ? ` (${complaint.code})` : '';
    return new VeniceError(kind, `${nameOf(call)} was answered with ${status}${code}`, {
      status,
      requestId: readRequestId(headers['cf-ray']),
      retryAt,
      model,
      // An answer in time says that nothing was made; 504 that it may have been.
      isSpent: call.isAudio && status === 504,
    });
  }

  /** Reads a body, however slow its reader is, but only so slow as the provider may be. */
  async function* watch(
    body: Dispatcher.ResponseData['body'],
    {
      call,
      signal,
      deadline,
    }: Pick<RequestOptions, 'signal' | 'deadline'> & { call: ProviderCall },
  ): AsyncGenerator<Uint8Array, void, void> {
    const iterator: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
    let waitMs = timing.firstByteMs;
    try {
      for (;;) {
        const late = setTimeout(() => body.destroy(new TooLate()), waitMs);
        deadline.run();
        const { done, value } = await iterator.next().finally(() => {
          clearTimeout(late);
          deadline.rest();
        });
        if (done) return;
        waitMs = timing.idleMs;
        yield value;
      }
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(error, { name: nameOf(call), isAudio: call.isAudio });
    } finally {
      body.destroy();
    }
  }
}

/** @returns undefined where the words could not be read: the status says most. */
async function readWords(
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      parts.push(chunk);
      bytes += chunk.byteLength;
      if (bytes > MAX_ERROR_BYTES) break;
    }
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
  return Buffer.concat(parts).toString();
}

/** A body whose first piece was taken from it; leaving it before the first read still closes it. */
function startWith(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void, void>,
  onBroken: () => void,
): AsyncIterableIterator<Uint8Array> {
  let isFirst = true;
  return {
    async next() {
      if (isFirst) {
        isFirst = false;
        return { done: false, value: first };
      }
      try {
        return await rest.next();
      } catch (error) {
        if (error instanceof VeniceError) onBroken();
        throw error;
      }
    },
    return: async () => await rest.return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function badAnswer(call: ProviderCall, what: string): VeniceError {
  return new VeniceError('bad-answer', `${nameOf(call)} was answered with ${what}`, {
    status: 200,
    isSpent: call.isAudio,
  });
}

function nameOf({ method, path }: ProviderCall): string {
  return `${method} ${path}`;
}

function isSound(contentType: string): boolean {
  return /^(audio\/|application\/octet-stream)/i.test(contentType);
}

function readRequestId(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && /^[\w-]{1,64}$/.test(header) ? header : undefined;
}
