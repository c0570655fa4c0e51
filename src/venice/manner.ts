import { LANGUAGES } from '../domain/languages.ts';
import type { SpeechModel } from './models.ts';

/** How a line is to be spoken, beside its voice; undefined leaves it to the model. */
export interface Manner {
  readonly speed: number | undefined;
  readonly temperature: number | undefined;
  /** Asked for as a BCP 47 tag, sent in the form the model wants. */
  readonly language: string | undefined;
}

/** What was asked for and does not act: not at all, or only up to a limit. */
export interface Unheeded {
  readonly what: keyof Manner;
  readonly limit: number | undefined;
}

interface Family {
  /** What its models' ids begin with. */
  readonly prefix: string;
  /** From where to where it acts. */
  readonly speed?: readonly [least: number, most: number];
  readonly temperature?: true;
  /** As a full English name, or as an ISO 639-1 code. */
  readonly language?: 'name' | 'code';
}

/**
 * What acts where, by the provider's notes of October 2026; what is not named is ignored in silence,
 * and a language in the wrong form refused. ElevenLabs' form of a language is the OpenAPI document's.
 */
const FAMILIES: readonly Family[] = [
  { prefix: 'tts-chatterbox', temperature: true },
  { prefix: 'tts-elevenlabs', speed: [0.7, 1.2], language: 'code' },
  { prefix: 'tts-gemini', temperature: true },
  { prefix: 'tts-gradium' },
  { prefix: 'tts-inworld' },
  { prefix: 'tts-kokoro', speed: [0.25, 4] },
  { prefix: 'tts-minimax', speed: [0.5, 2], language: 'name' },
  { prefix: 'tts-orpheus', temperature: true },
  { prefix: 'tts-qwen', temperature: true, language: 'name' },
  { prefix: 'tts-xai', speed: [0.7, 1.5], language: 'code' },
];

/** Of a model that came later: what the API takes from all, but no language in a form we do not know. */
const UNKNOWN: Family = { prefix: '', speed: [0.25, 4], temperature: true };

/** What of a manner a model is sent, and what of it does not act. */
export function mannerFor(
  model: Pick<SpeechModel, 'id' | 'supportsTemperature'>,
  asked: Manner,
): { sent: Manner; unheeded: readonly Unheeded[] } {
  const family = FAMILIES.find(({ prefix }) => model.id.startsWith(prefix)) ?? UNKNOWN;
  const takesTemperature = model.supportsTemperature ?? family.temperature ?? false;
  const sent: Manner = {
    speed: speedFor(family, asked.speed),
    temperature: takesTemperature ? asked.temperature : undefined,
    language: languageFor(family, asked.language),
  };
  const unheeded: Unheeded[] = [];
  if ((sent.speed ?? 1) !== (asked.speed ?? 1)) unheeded.push({ what: 'speed', limit: sent.speed });
  for (const what of ['temperature', 'language'] as const)
    if (asked[what] !== undefined && sent[what] === undefined)
      unheeded.push({ what, limit: undefined });
  return { sent, unheeded };
}

function speedFor({ speed: range }: Family, speed: number | undefined): number | undefined {
  if (!range || speed === undefined || speed === 1) return undefined;
  const [least, most] = range;
  return Math.min(most, Math.max(least, speed));
}

function languageFor({ language: form }: Family, tag: string | undefined): string | undefined {
  if (form !== 'name') return form && tag;
  return LANGUAGES.find(({ value }) => value === tag)?.name;
}
