import type { StockVoice } from '../domain/voice.ts';
import type { Catalogue } from './catalogue.ts';

/** The one model whose stock voices everybody may use: it is the cheapest by far. */
const STOCK_MODEL = 'tts-kokoro';

/** Kokoro names a voice by accent, gender and name: `af_sky`. */
const ACCENTS: Readonly<Record<string, string>> = {
  a: 'American',
  b: 'British',
  e: 'Spanish',
  f: 'French',
  h: 'Hindi',
  i: 'Italian',
  j: 'Japanese',
  p: 'Brazilian',
  z: 'Chinese',
};
const GENDERS: Readonly<Record<string, string>> = { f: 'female', m: 'male' };

/** The stock voices a member may use, under names people can read. */
export function stockVoices(catalogue: Pick<Catalogue, 'find'>): readonly StockVoice[] {
  const model = catalogue.find(STOCK_MODEL);
  return (model?.voices ?? []).map((id) => ({ model: STOCK_MODEL, id, name: nameOf(id) }));
}

/** @returns the id itself where it is not named in Kokoro's way. */
function nameOf(id: string): string {
  const [, prefix = '', gender = '', name = ''] = /^([a-z])([a-z])_(.+)$/.exec(id) ?? [];
  const [accent, kind] = [ACCENTS[prefix], GENDERS[gender]];
  if (accent === undefined || kind === undefined) return id;
  const spaced = name.replaceAll('_', ' ');
  return `${spaced.charAt(0).toUpperCase()}${spaced.slice(1)} (${accent}, ${kind})`;
}
