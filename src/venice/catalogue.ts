import type { Logger } from 'pino';
import { GUIDE_MODELS } from './guide-models.ts';
import type { CloningModel, SpeechModel } from './models.ts';
import type { Venice } from './venice.ts';

/** What the provider offers this key, as last read. */
export interface Catalogue {
  find(id: string): SpeechModel | undefined;
  /** Models that can clone, the cheapest first. */
  cloning(): readonly CloningModel[];
  /** Reads it anew; when that fails, what was known stays. Never rejects. */
  refresh(options: { signal: AbortSignal }): Promise<void>;
}

export function createCatalogue(options: {
  venice: Pick<Venice, 'readModels'>;
  log: Logger;
}): Catalogue {
  const { venice, log } = options;
  let known: readonly SpeechModel[] = GUIDE_MODELS;

  return {
    find: (id) => known.find((model) => model.id === id),
    cloning: () =>
      known
        .filter((model): model is CloningModel => model.cloning !== undefined)
        .toSorted((a, b) => a.microUsdPerMillion - b.microUsdPerMillion),
    async refresh({ signal }) {
      try {
        const read = await venice.readModels({ signal });
        if (read.length === 0) throw new Error('The catalogue lists no model that can be used');
        known = read;
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'the model catalogue could not be read; what was known is used');
      }
    },
  };
}
