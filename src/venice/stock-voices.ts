import type { StockVoice } from '../domain/voice.ts';
import type { Catalogue } from './catalogue.ts';

/** The one model whose stock voices everybody may use: it is the cheapest by far. */
const STOCK_MODEL = 'tts-kokoro';

/** Kokoro names a voice by language, gender and name: `af_sky`. */
const LANGUAGES: Readonly<Record<string, string>> = {
  a: 'American',
  b: 'British',
  e: 'Spanish',
  f: 'French',
  h: 'Hindi',
  i: 'Italian',
  j: 'Japanese',
  p: 'Portuguese',
  z: 'Chinese',
};

/** The stock voices a member may use, under names people can read. */
export function stockVoices(catalogue: Catalogue): readonly StockVoice[] {
  const model = catalogue.find(STOCK_MODEL);
  return (model?.voices ?? []).map((id) => ({ model: STOCK_MODEL, id, name: nameOf(id) }));
}

function nameOf(id: string): string {
  const [prefix = '', ...rest] = id.split('_');
  const name = rest.join(' ').replace(/^./, (letter) => letter.toUpperCase());
  const language = LANGUAGES[prefix[0] ?? ''];
  if (name === '' || language === undefined) return id;
  return `${name} (${language}, ${prefix[1] === 'm' ? 'male' : 'female'})`;
}
