import type { Logger } from 'pino';
import { pause } from '../domain/pause.ts';
import { type Clock, SECOND_MS } from '../domain/time.ts';
import { type Access, createAccess, type Trouble } from './access.ts';
import { type Breaker, type CallEnd, createBreaker } from './breaker.ts';
import { openConnections } from './connection.ts';
import { type Deadline, startDeadline, TooLate } from './deadline.ts';
import { VeniceError } from './errors.ts';
import { createLimiter, type Limiter } from './limiter.ts';
import { type Answer, createRequest, type ProviderCall } from './request.ts';
import { FREE, type Till } from './till.ts';
import { TIMING, type Timing } from './timing.ts';

export interface TransportOptions {
  readonly apiKey: string;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly log?: Logger;
  /** Told once when access is lost or the balance used up, again only after it came back. */
  readonly onTrouble?: (trouble: Trouble) => void;
  /** @default TIMING */
  readonly timing?: Partial<Timing>;
}

/** A call, and how far to go for its answer. */
export interface Errand extends ProviderCall {
  /** How often it may be made in all, where repeating it can help. */
  readonly tries: number;
  readonly totalMs: number;
  /** Whether its refusal says that the key is bad: the audio calls, and the key's own. */
  readonly provesKey: boolean;
}

/** All calls go through here: one key, one set of connections, one limiter, one breaker. */
export interface Transport extends AsyncDisposable {
  readonly timing: Timing;
  readonly access: Access;
  readonly breaker: Breaker;
  readonly limiter: Limiter;
  /** @throws VeniceError; the signal's own reason when the caller aborts. */
  send(errand: Errand, options: { signal: AbortSignal; till?: Till }): Promise<Answer>;
}

/** A rate limit that ends within this is waited for. */
const NEAR_RESET_MS = 20 * SECOND_MS;

export function createTransport(options: TransportOptions): Transport {
  const { apiKey, baseUrl, clock, log, onTrouble } = options;
  const timing: Timing = { ...TIMING, ...options.timing };
  const access = createAccess({ clock, onTrouble });
  const breaker = createBreaker(clock);
  const limiter = createLimiter(clock, breaker.hasRoom);
  const agent = openConnections(timing);
  const request = createRequest({ agent, apiKey, baseUrl, limiter, timing, clock });
  let isClosed = false;

  async function send(
    errand: Errand,
    { signal, till = FREE }: { signal: AbortSignal; till?: Till },
  ): Promise<Answer> {
    signal.throwIfAborted();
    const deadline = startDeadline(errand.totalMs);
    const either = AbortSignal.any([signal, deadline.signal]);
    let pauseMs = 0;
    try {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await pause(pauseMs, either);
          return await tryOnce(errand, { signal, deadline, either, till });
        } catch (error) {
          signal.throwIfAborted();
          const failure = asVeniceError(error);
          const waitMs =
            attempt < errand.tries && !isClosed ? pauseAfter(failure, attempt) : undefined;
          deadline.run();
          if (waitMs === undefined || waitMs >= deadline.leftMs()) throw failure;
          pauseMs = waitMs;
          const { kind, status, requestId } = failure;
          log?.warn({ path: errand.path, kind, status, requestId, attempt }, 'calling again');
        }
      }
    } finally {
      deadline.rest();
    }
  }

  /** Waits until the call may go out. @returns what is to be told how it ended. */
  async function leave({ isAudio }: Errand, signal: AbortSignal): Promise<(end: CallEnd) => void> {
    if (isAudio) access.checkBalance();
    const goes = () => {
      // Those before may have met a refusal meanwhile.
      if (isAudio) access.checkBalance();
      return breaker.enter();
    };
    const ended = isAudio ? await limiter.take(goes, { signal }) : goes();
    return (end) => {
      ended(end);
      limiter.look();
    };
  }

  async function tryOnce(
    errand: Errand,
    {
      signal,
      deadline,
      either,
      till,
    }: { signal: AbortSignal; deadline: Deadline; either: AbortSignal; till: Till },
  ): Promise<Answer> {
    breaker.check();
    const end = await leave(errand, either);
    try {
      await till.charge();
      if (either.aborted) {
        till.giveBack();
        throw either.reason;
      }
      const answer = await request(errand, {
        signal,
        deadline,
        onAnswered: till.answered,
        onBroken: () => end('failed'),
      });
      end('succeeded');
      if (errand.isAudio) access.granted();
      return answer;
    } catch (error) {
      const isFailure = error instanceof VeniceError;
      end(isFailure ? 'failed' : 'abandoned');
      if (isFailure && !error.isSpent) till.giveBack();
      if (isFailure && errand.provesKey) access.refused(error.kind);
      throw error;
    }
  }

  /** How long to wait before a repeat; undefined where a repeat cannot help. */
  function pauseAfter({ kind, status = 0, retryAt }: VeniceError, attempt: number) {
    const { backoffMinMs: min, backoffMaxMs: max } = timing;
    const jitterMs = min + Math.random() * (Math.min(max, min * 4 ** attempt) - min);
    if (kind === 'network' || (kind === 'unavailable' && status >= 500)) return jitterMs;
    if (kind !== 'rate-limited' || status !== 429 || retryAt === undefined) return undefined;
    const resetMs = retryAt - clock();
    return resetMs <= NEAR_RESET_MS ? Math.max(resetMs, jitterMs) : undefined;
  }

  return {
    timing,
    access,
    breaker,
    limiter,
    send,
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await agent.destroy();
    },
  };
}

/** The deadline passes either while a call is out, which `request` words, or before it was sent. */
function asVeniceError(error: unknown): VeniceError {
  if (error instanceof VeniceError) return error;
  if (!(error instanceof TooLate)) throw error;
  return new VeniceError('timeout', 'The provider could not be called in time');
}
