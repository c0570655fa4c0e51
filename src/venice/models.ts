import { z } from 'zod';
import { fromUsd, type MicroUsd } from '../domain/money.ts';
import { DAY_MS } from '../domain/time.ts';
import type { Retention, Retirement } from '../domain/voice.ts';
import { getJson } from './json.ts';
import type { Transport } from './transport.ts';

export const PROVIDER_FORMATS = ['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'] as const;
export type ProviderFormat = (typeof PROVIDER_FORMATS)[number];

/** What the provider says of one of its speech models. */
export interface SpeechModel {
  readonly id: string;
  readonly name: string;
  /** The stock voices it ships. */
  readonly voices: readonly string[];
  readonly formats: readonly ProviderFormat[];
  readonly defaultFormat: ProviderFormat;
  readonly microUsdPerMillion: MicroUsd;
  /** Undefined where the provider does not say; a model that does not know it ignores it. */
  readonly supportsTemperature: boolean | undefined;
  /** When the provider takes it away, where it has said so. */
  readonly retirement?: Retirement | undefined;
  /** Undefined: it cannot clone, or this key may not. */
  readonly cloning: CloningTerms | undefined;
}

export interface CloningTerms {
  /** Containers it takes a sample in, as `wav`. */
  readonly containers: readonly string[];
  readonly minSeconds: number;
  readonly retention: Retention;
  readonly retentionMs: number;
  /** The fee for each upload; undefined: the catalogue names none. */
  readonly microUsd: MicroUsd | undefined;
}

/** A model that can clone, for this key. */
export type CloningModel = SpeechModel & { readonly cloning: CloningTerms };

/** `GET /models?type=tts`; a model that makes no sense is left out. @throws VeniceError. */
export async function readModels(
  transport: Transport,
  { signal }: { signal: AbortSignal },
): Promise<readonly SpeechModel[]> {
  // The list is public: a refusal of it says nothing about the key.
  const { data } = await getJson(
    transport,
    { path: '/models?type=tts', schema: answer, provesKey: false },
    { signal },
  );
  return data.flatMap((entry) => model.safeParse(entry).data ?? []);
}

const answer = z.object({ data: z.array(z.unknown()) });

const format = z.enum(PROVIDER_FORMATS);
/** Formats that came after this was written are left out; one that is known has to remain. */
const formats = z
  .array(z.string())
  .transform((names) => names.filter((name) => format.safeParse(name).success))
  .pipe(z.array(format).min(1));

/** No document says where the fee for a clone is named: it is looked for where it would belong. */
const fee = z
  .object({ usd: z.number().min(0) })
  .optional()
  .catch(undefined);

const cloning = z
  .object({
    mode: z.enum(['zero_shot', 'persistent']),
    accepted_formats: z.array(z.string()),
    min_sample_seconds: z.number().min(0),
    retention_days: z.number().positive(),
    pricing: fee,
  })
  .transform(
    (terms): CloningTerms => ({
      containers: terms.accepted_formats,
      minSeconds: terms.min_sample_seconds,
      retention: terms.mode === 'persistent' ? 'from-use' : 'from-upload',
      retentionMs: terms.retention_days * DAY_MS,
      microUsd: terms.pricing && fromUsd(terms.pricing.usd),
    }),
  );

/** Its `date` is the older name of `removesAt`. */
const deprecation = z
  .object({
    date: z.string().optional(),
    removesAt: z.string().optional(),
    replacementModelId: z.string().optional(),
  })
  .transform(({ date, removesAt = date, replacementModelId: successor }) => ({
    at: Date.parse(removesAt ?? ''),
    successor,
  }))
  .refine(({ at }) => !Number.isNaN(at));

const flag = z.boolean().optional().catch(undefined);

const model = z
  .object({
    id: z.string(),
    model_spec: z.object({
      name: z.string().optional(),
      offline: z.boolean().optional(),
      voices: z.array(z.string()).default([]),
      // The guide's default where the provider does not say.
      supported_formats: formats.default(['mp3']),
      default_format: format.optional().catch(undefined),
      pricing: z.object({
        input: z.object({ usd: z.number().min(0) }),
        voice_cloning: fee,
      }),
      // Named in the provider's texts; its schema does not say at which of the two places.
      supportsTemperatureParam: flag,
      capabilities: z.object({ supportsTemperatureParam: flag }).optional().catch(undefined),
      voice_cloning: cloning.optional().catch(undefined),
      deprecation: deprecation.optional().catch(undefined),
    }),
  })
  .transform(
    ({ id, model_spec: spec }): SpeechModel => ({
      id,
      name: spec.name ?? id,
      voices: spec.offline ? [] : spec.voices,
      formats: spec.supported_formats,
      defaultFormat: spec.default_format ?? spec.supported_formats[0] ?? 'mp3',
      microUsdPerMillion: fromUsd(spec.pricing.input.usd),
      retirement: spec.deprecation,
      supportsTemperature:
        spec.supportsTemperatureParam ?? spec.capabilities?.supportsTemperatureParam,
      cloning:
        spec.offline || !spec.voice_cloning
          ? undefined
          : priced(spec.voice_cloning, spec.pricing.voice_cloning?.usd),
    }),
  );

function priced(terms: CloningTerms, usd: number | undefined): CloningTerms {
  return usd === undefined ? terms : { ...terms, microUsd: fromUsd(usd) };
}
