import type { StandInModel } from './models.ts';
import type { VeniceRule } from './rules.ts';
import type { Handle } from './voices.ts';

/** Why a request is refused: the body of a 400, and the rule that it breaks if the bot can know it. */
export interface Wrong {
  readonly rule?: VeniceRule;
  readonly body: unknown;
}

/** What the API would refuse a speech request for. */
export function findWrong(
  json: Readonly<Record<string, unknown>>,
  model: StandInModel,
  { handles, now }: { handles: ReadonlyMap<string, Handle>; now: number },
): Wrong | undefined {
  const { input, voice = 'af_sky', response_format: format, speed, temperature, language } = json;
  if (typeof input !== 'string' || input.trim().length < 1 || input.length > 4096)
    return {
      rule: 'venice input',
      body: {
        error: 'Invalid request parameters',
        issues: [
          {
            path: ['input'],
            message: 'input must have 1 to 4096 characters, and not only white space',
          },
        ],
      },
    };
  if (format !== undefined && !model.formats.includes(String(format)))
    return {
      rule: 'venice format',
      body: {
        error: {
          message: `Unsupported response_format, supported: ${model.formats.join(', ')}`,
          type: 'invalid_request_error',
          param: 'response_format',
          code: null,
        },
      },
    };
  const [least, most] = model.acts.speed ?? [Infinity, -Infinity];
  if (!isWithin(speed, least, most)) return withoutEffect('speed', model);
  if (!isWithin(temperature, 0, model.acts.temperature ? 2 : -1))
    return withoutEffect('temperature', model);
  const { language: form } = model.acts;
  if (language !== undefined && !(form && LANGUAGE_FORMS[form].test(String(language))))
    return {
      rule: 'venice parameter',
      body: `Invalid language "${String(language)}" for model "${model.id}"`,
    };
  if (!String(voice).startsWith('vv_')) {
    if (model.voices.includes(String(voice))) return undefined;
    return { rule: 'venice voice', body: `Unknown voice for ${model.id}` };
  }
  const handle = handles.get(String(voice));
  // It may have lapsed sooner than it was promised.
  if (!handle || handle.expiresAt <= now) return { body: 'Voice handle is unknown or has expired' };
  if (handle.model === model.id) return undefined;
  return { rule: 'venice voice', body: 'Voice handle is not compatible with this model' };
}

function withoutEffect(name: string, { id }: StandInModel): Wrong {
  const details = { [name]: `no effect on ${id}` };
  return { rule: 'venice parameter', body: { error: 'Invalid request parameters', details } };
}

const LANGUAGE_FORMS = { name: /^[A-Z][a-z]+$/, code: /^[a-z]{2}$/ } as const;

function isWithin(value: unknown, min: number, max: number): boolean {
  return value === undefined || (typeof value === 'number' && value >= min && value <= max);
}
