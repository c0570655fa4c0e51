import type { StandInModel } from './models.ts';
import type { Handle } from './voices.ts';

/** What the API would refuse a speech request for, as the body of a 400. */
export function findWrong(
  json: Readonly<Record<string, unknown>>,
  model: StandInModel,
  { handles, now }: { handles: ReadonlyMap<string, Handle>; now: number },
): unknown {
  const { input, voice = 'af_sky', response_format: format, speed, temperature, language } = json;
  if (typeof input !== 'string' || input.trim().length < 1 || input.length > 4096)
    return {
      error: 'Invalid request parameters',
      issues: [
        {
          path: ['input'],
          message: 'input must have 1 to 4096 characters, and not only white space',
        },
      ],
    };
  if (format !== undefined && !model.formats.includes(String(format)))
    return {
      error: {
        message: `Unsupported response_format, supported: ${model.formats.join(', ')}`,
        type: 'invalid_request_error',
        param: 'response_format',
        code: null,
      },
    };
  const [least, most] = model.acts.speed ?? [Infinity, -Infinity];
  if (!isWithin(speed, least, most))
    return { error: 'Invalid request parameters', details: { speed: `no effect on ${model.id}` } };
  if (!isWithin(temperature, 0, model.acts.temperature ? 2 : -1))
    return {
      error: 'Invalid request parameters',
      details: { temperature: `no effect on ${model.id}` },
    };
  const { language: form } = model.acts;
  if (language !== undefined && !(form && LANGUAGE_FORMS[form].test(String(language))))
    return `Invalid language "${String(language)}" for model "${model.id}"`;
  if (!String(voice).startsWith('vv_'))
    return model.voices.includes(String(voice)) ? undefined : `Unknown voice for ${model.id}`;
  const handle = handles.get(String(voice));
  if (!handle || handle.expiresAt <= now) return 'Voice handle is unknown or has expired';
  return handle.model === model.id ? undefined : 'Voice handle is not compatible with this model';
}

const LANGUAGE_FORMS = { name: /^[A-Z][a-z]+$/, code: /^[a-z]{2}$/ } as const;

function isWithin(value: unknown, min: number, max: number): boolean {
  return value === undefined || (typeof value === 'number' && value >= min && value <= max);
}
