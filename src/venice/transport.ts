import type { Logger } from 'pino';
import { pause } from '../domain/pause.ts';
import { type Clock, SECOND_MS } from '../domain/time.ts';
import { type Access, createAccess, type Readiness, type Trouble } from './access.ts';
import { openConnections } from './connection.ts';
import { type Deadline, startDeadline, TooLate } from './deadline.ts';
import { VeniceError } from './errors.ts';
import { createLanes, type Lane, type LaneEnd, type Lanes } from './lanes.ts';
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
  /** Whether also where the provider may have charged for the last try. @default true */
  readonly repeatsSpent?: boolean;
  /** What it is counted with. */
  readonly lane: string;
  /** Whether its refusal says that the key is bad: the audio calls, and the key's own. */
  readonly provesKey: boolean;
}

/** All calls go through here: one key, one set of connections, a lane for what is counted together. */
export interface Transport extends AsyncDisposable {
  readonly timing: Timing;
  readonly access: Access;
  readonly lanes: Lanes;
  /** @throws VeniceError; the signal's own reason when the caller aborts. */
  send(errand: Errand, options: { signal: AbortSignal; till?: Till }): Promise<Answer>;
}

/** A rate limit that ends within this is waited for. */
const NEAR_RESET_MS = 20 * SECOND_MS;

/** @param options.askReadiness makes the readiness call, through this very transport. */
export function createTransport(
  options: TransportOptions & { askReadiness: () => Promise<Readiness> },
): Transport {
  const { apiKey, baseUrl, clock, log, onTrouble, askReadiness: ask } = options;
  const timing: Timing = { ...TIMING, ...options.timing };
  const access = createAccess({ ask, clock, onTrouble });
  const lanes = createLanes(clock);
  const agent = openConnections(timing);
  const request = createRequest({ agent, apiKey, baseUrl, timing, clock });
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
            attempt < errand.tries && !isClosed && mayRepeat(errand, failure)
              ? pauseAfter(failure, attempt)
              : undefined;
          deadline.run();
          if (waitMs === undefined || waitMs >= deadline.leftMs())
            throw await judge(errand, failure, signal);
          pauseMs = waitMs;
          const { kind, status, requestId } = failure;
          log?.warn({ path: errand.path, kind, status, requestId, attempt }, 'calling again');
        }
      }
    } finally {
      deadline.rest();
    }
  }

  /** A 403 is of one model, or of the key and so of all: the readiness call knows which. */
  async function judge(
    { model }: Errand,
    failure: VeniceError,
    signal: AbortSignal,
  ): Promise<VeniceError> {
    if (failure.kind !== 'forbidden' || model === undefined) return failure;
    if ((await access.isKeyGood({ signal })) === false) return failure;
    return new VeniceError('model-unavailable', failure.message, failure);
  }

  /** Waits until the call may go out. @returns what is to be told how it ended. */
  async function leave(
    { isAudio }: Errand,
    lane: Lane,
    signal: AbortSignal,
  ): Promise<(end: LaneEnd) => void> {
    lane.check();
    if (!isAudio) return lane.enter();
    await access.admit({ signal });
    const goes = () => {
      // Those before may have met a refusal meanwhile.
      access.check();
      return lane.enter();
    };
    return await lane.limiter.take(goes, { signal });
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
    const lane = lanes.of(errand.lane);
    const end = await leave(errand, lane, either);
    try {
      await till.charge();
      if (either.aborted) {
        till.giveBack();
        throw either.reason;
      }
      const answer = await request(errand, {
        signal,
        deadline,
        limiter: lane.limiter,
        onAnswered: till.answered,
        onBroken: () => end('failed'),
      });
      end('succeeded');
      if (errand.isAudio) access.granted();
      return answer;
    } catch (error) {
      const isFailure = error instanceof VeniceError;
      end(isFailure ? endOf(error) : 'abandoned');
      if (isFailure && !error.isSpent) till.giveBack();
      // Where it names a model, it may be that model's alone.
      const mayBeOfModel = isFailure && error.kind === 'forbidden' && errand.model !== undefined;
      if (isFailure && errand.provesKey && !mayBeOfModel) access.refused(error.kind);
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
    lanes,
    send,
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await agent.destroy();
    },
  };
}

/** The provider counts client errors (4xx but 429) towards its block; the rest is its own failure. */
function endOf({ status = 0 }: VeniceError): LaneEnd {
  if (status === 429) return 'abandoned';
  return status >= 400 && status < 500 ? 'refused' : 'failed';
}

function mayRepeat({ repeatsSpent = true }: Errand, { isSpent }: VeniceError): boolean {
  return repeatsSpent || !isSpent;
}

/** The deadline passes either while a call is out, which `request` words, or before it was sent. */
function asVeniceError(error: unknown): VeniceError {
  if (error instanceof VeniceError) return error;
  if (!(error instanceof TooLate)) throw error;
  return new VeniceError('timeout', 'The provider could not be called in time');
}
