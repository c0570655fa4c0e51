import { FormData } from 'undici';
import { z } from 'zod';
import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { VeniceError } from './errors.ts';
import { type ProviderFormat, readModels, type SpeechModel } from './models.ts';
import { createTransport, type ProviderResponse, type TransportOptions } from './request.ts';

export interface SpeakRequest {
  readonly model: string;
  /** A stock voice's id, or one of our handles. */
  readonly voice: string;
  /** 1 to 4096 characters. */
  readonly input: string;
  readonly responseFormat: ProviderFormat;
  readonly speed: number | undefined;
  readonly temperature: number | undefined;
  readonly language: string | undefined;
  /** Sentence by sentence as it is made, or in one piece. */
  readonly streaming: boolean;
}

/** Sound as it arrives; `contentType` names the format. */
export type SpeechBody = ProviderResponse;

/** Whether the key works, and how much it may still do. */
export interface ProviderAccess {
  readonly accessPermitted: boolean;
  readonly balances: { readonly usd: number | undefined; readonly diem: number | undefined };
  readonly keyExpiresAt: string | undefined;
}

export interface Balance {
  readonly canConsume: boolean;
  readonly usd: number | undefined;
  readonly diem: number | undefined;
}

/** The provider's API. Every call throws VeniceError, or the signal's reason when aborted. */
export interface Venice extends AsyncDisposable {
  /** @param wav mono 16-bit, without metadata. */
  cloneVoice(
    sample: { readonly model: string; readonly wav: Uint8Array },
    options: { signal: AbortSignal },
  ): Promise<{ readonly id: string }>;
  /** Resolves with the first sound; the caller reads the body to its end or aborts the signal. */
  speak(request: SpeakRequest, options: { signal: AbortSignal }): Promise<SpeechBody>;
  readModels(options: { signal: AbortSignal }): Promise<readonly SpeechModel[]>;
  readAccess(options: { signal: AbortSignal }): Promise<ProviderAccess>;
  /** Undefined for an inference key, which may not ask: that does not make it a bad key. */
  readBalance(options: { signal: AbortSignal }): Promise<Balance | undefined>;
  status(): { readonly requestsLeft: number; readonly isPaused: boolean };
}

const TRIES = 3;
const SPEECH_TOTAL_MS = 90 * SECOND_MS;
const CLONE_TOTAL_MS = MINUTE_MS;
const ASK_TOTAL_MS = 15 * SECOND_MS;
/** An answer in JSON that is larger than this is none of ours. */
const MAX_JSON_BYTES = 4 * 1024 * 1024;

export function createVenice(options: TransportOptions): Venice {
  const transport = createTransport(options);
  let isAdminKey = true;

  const ask = async (path: string, signal: AbortSignal): Promise<unknown> => {
    const call = {
      method: 'GET',
      path,
      tries: TRIES,
      totalMs: ASK_TOTAL_MS,
      isAudio: false,
    } as const;
    return await readJson(await transport.send(call, { signal }));
  };

  return {
    async cloneVoice({ model, wav }, { signal }) {
      const body = new FormData();
      body.set('model', model);
      body.set('file', new File([new Uint8Array(wav)], 'sample.wav', { type: 'audio/wav' }));
      const response = await transport.send(
        {
          method: 'POST',
          path: '/audio/voices',
          body,
          tries: 2,
          totalMs: CLONE_TOTAL_MS,
          isAudio: true,
        },
        { signal },
      );
      return parse(cloned, await readJson(response));
    },

    async speak(request, { signal }) {
      const { model, voice, input, speed, temperature, language, streaming } = request;
      const response = await transport.send(
        {
          method: 'POST',
          path: '/audio/speech',
          body: {
            model,
            voice,
            input,
            response_format: request.responseFormat,
            speed,
            temperature,
            language,
            streaming,
          },
          tries: TRIES,
          totalMs: SPEECH_TOTAL_MS,
          isAudio: true,
          usesHandle: voice.startsWith('vv_'),
        },
        { signal },
      );
      return await startSound(response);
    },

    async readModels({ signal }) {
      return readModels(await ask('/models?type=tts', signal));
    },

    async readAccess({ signal }) {
      const { data } = parse(access, await ask('/api_keys/rate_limits', signal));
      const { balances, keyExpiration } = data;
      return {
        accessPermitted: data.accessPermitted,
        balances: { usd: balances?.USD, diem: balances?.DIEM },
        keyExpiresAt: keyExpiration ?? undefined,
      };
    },

    async readBalance({ signal }) {
      if (!isAdminKey) return undefined;
      try {
        const { canConsume, balances } = parse(balance, await ask('/billing/balance', signal));
        return { canConsume, usd: balances.usd ?? undefined, diem: balances.diem ?? undefined };
      } catch (error) {
        if (!(error instanceof VeniceError) || error.kind !== 'unauthorized') throw error;
        isAdminKey = false;
        return undefined;
      }
    },

    status: () => ({
      requestsLeft: transport.limiter.left(),
      isPaused: transport.breaker.isOpen(),
    }),

    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

const cloned = z.object({ id: z.string().regex(/^vv_/) });
const access = z.object({
  data: z.object({
    accessPermitted: z.boolean(),
    balances: z.object({ USD: z.number().optional(), DIEM: z.number().optional() }).optional(),
    keyExpiration: z.string().nullish(),
  }),
});
const balance = z.object({
  canConsume: z.boolean(),
  balances: z.object({ usd: z.number().nullish(), diem: z.number().nullish() }),
});

/** Waits for the first sound, so that what is not sound is known before anything is done with it. */
async function startSound({ contentType, chunks }: ProviderResponse): Promise<SpeechBody> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = /^(application\/octet-stream|audio\/)/i.test(contentType)
    ? await iterator.next()
    : undefined;
  if (!first || first.done) {
    await iterator.return?.();
    throw new VeniceError('bad-answer', 'The provider answered with something that is no sound', {
      isSpent: true,
    });
  }
  async function* all() {
    try {
      yield first?.value as Uint8Array;
      for (let next = await iterator.next(); !next.done; next = await iterator.next())
        yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { contentType, chunks: all() };
}

async function readJson({ chunks }: ProviderResponse): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > MAX_JSON_BYTES) throw badAnswer();
    parts.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch (error) {
    throw badAnswer(error);
  }
}

function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw badAnswer(parsed.error);
  return parsed.data;
}

function badAnswer(cause?: unknown): VeniceError {
  return new VeniceError('bad-answer', 'The provider answered in a form not known here', {
    isSpent: true,
    cause,
  });
}
