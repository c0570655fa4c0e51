import type { Logger } from 'pino';
import { fromUsd } from '../domain/money.ts';
import { DAY_MS } from '../domain/time.ts';
import { type CloningModel, PROVIDER_FORMATS, type SpeechModel } from './models.ts';
import type { Venice } from './venice.ts';

/** What the provider offers this key, as last read. */
export interface Catalogue {
  find(id: string): SpeechModel | undefined;
  /** Models that can clone, the cheapest first. */
  cloning(): readonly CloningModel[];
  models(): readonly SpeechModel[];
  /** Reads it anew; when that fails, what was known stays. Never rejects. */
  refresh(options: { signal: AbortSignal }): Promise<void>;
}

export function createCatalogue(options: {
  venice: Pick<Venice, 'readModels'>;
  log: Logger;
}): Catalogue {
  const { venice, log } = options;
  let models: readonly SpeechModel[] = GUIDE;

  const refresh: Catalogue['refresh'] = async ({ signal }) => {
    try {
      const read = await venice.readModels({ signal });
      if (read.length > 0) models = read;
    } catch (error) {
      if (!signal.aborted)
        log.warn({ err: error }, 'the model catalogue could not be read; what was known is used');
    }
  };

  return {
    models: () => models,
    find: (id) => models.find((model) => model.id === id),
    cloning: () =>
      models
        .filter((model): model is CloningModel => model.cloning !== undefined)
        .toSorted((a, b) => a.microUsdPerMillion - b.microUsdPerMillion),
    refresh,
  };
}

/** What the provider's guide promises, until its catalogue could be read for the first time. */
const GUIDE: readonly SpeechModel[] = [
  {
    id: 'tts-chatterbox-hd',
    name: 'Chatterbox HD (Resemble AI)',
    voices: [],
    // Offered everywhere: the guide's other formats are not offered by every key.
    formats: ['wav'],
    defaultFormat: 'wav',
    microUsdPerMillion: fromUsd(50),
    cloning: {
      containers: ['mp3', 'wav', 'flac', 'mp4'],
      minSeconds: 5,
      retention: 'from-upload',
      retentionMs: 7 * DAY_MS,
    },
  },
  {
    id: 'tts-kokoro',
    name: 'Kokoro Text to Speech',
    voices: ['af_heart', 'af_sky', 'am_adam', 'bf_emma', 'bm_george'],
    formats: PROVIDER_FORMATS,
    defaultFormat: 'mp3',
    microUsdPerMillion: fromUsd(3.5),
    cloning: undefined,
  },
];
