import type { AccessState } from './access.ts';
import { type ProviderAccess, readinessOf, readRateLimits } from './api-keys/rate-limits.ts';
import { type SpeakRequest, type SpeechBody, speak } from './audio/speech.ts';
import { type ClonedVoice, type CloneVoiceRequest, cloneVoice } from './audio/voices.ts';
import { type Balance, findBalance } from './billing/balance.ts';
import { readModels, type SpeechModel } from './models.ts';
import type { Till } from './till.ts';
import { createTransport, type Transport, type TransportOptions } from './transport.ts';

export type { Balance, ClonedVoice, ProviderAccess, SpeakRequest, SpeechBody };

/** How the client stands, without asking the provider. */
export interface VeniceStatus {
  /** What the last calls showed of the key; 'unknown' before the first. */
  readonly access: AccessState;
  /** The models, or `uploads`, that are not called for now, because too many calls failed. */
  readonly paused: readonly string[];
}

/** The provider's API. Every call throws VeniceError, or the signal's reason when aborted. */
export interface Venice extends AsyncDisposable {
  /** @param options.till told of each try; what may have been charged is not tried again. */
  cloneVoice(
    request: CloneVoiceRequest,
    options: { signal: AbortSignal; till?: Till },
  ): Promise<ClonedVoice>;
  /**
   * Resolves with the first sound; the caller reads the body to its end or aborts the signal.
   * @param options.till told of each try, so that what was charged is known.
   */
  speak(request: SpeakRequest, options: { signal: AbortSignal; till?: Till }): Promise<SpeechBody>;
  readModels(options: { signal: AbortSignal }): Promise<readonly SpeechModel[]>;
  /** Whether the key works; follows the rates it is allowed. */
  readAccess(options: { signal: AbortSignal }): Promise<ProviderAccess>;
  /** Undefined for an inference key, which may not ask: that does not make it a bad key. */
  readBalance(options: { signal: AbortSignal }): Promise<Balance | undefined>;
  status(): VeniceStatus;
  /** How many lines a model could be sent at once. */
  requestsLeft(model: string): number;
}

export function createVenice(options: TransportOptions): Venice {
  const transport: Transport = createTransport({
    ...options,
    askReadiness: async () =>
      readinessOf(await readRateLimits(transport, { signal: new AbortController().signal })),
  });
  const { access, lanes } = transport;
  let isAdminKey = true;

  return {
    cloneVoice: (request, options) => cloneVoice(transport, request, options),
    speak: (request, options) => speak(transport, request, options),
    readModels: ({ signal }) => readModels(transport, { signal }),
    readAccess: ({ signal }) => readRateLimits(transport, { signal }),

    async readBalance({ signal }) {
      // Asked once: each refusal counts towards the block of the key.
      if (!isAdminKey) return undefined;
      const balance = await findBalance(transport, { signal });
      isAdminKey = balance !== undefined;
      return balance;
    },

    status: () => ({ access: access.state(), paused: lanes.paused() }),
    requestsLeft: (model) => lanes.of(model).limiter.left(),

    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}
