import type { Logger } from 'pino';
import type { Clock } from '../domain/time.ts';
import type { Retirement } from '../domain/voice.ts';
import { GUIDE_MODELS } from './guide-models.ts';
import type { CloningModel, SpeechModel } from './models.ts';
import type { Venice } from './venice.ts';

/** What the provider offers this key, as last read; a model past its retirement is not offered. */
export interface Catalogue {
  find(id: string): SpeechModel | undefined;
  /** Models that can clone: those that stay first, then the cheapest. */
  cloning(): readonly CloningModel[];
  /** Of models that go or have gone, by their id, also of those that the list no longer names. */
  retirements(): ReadonlyMap<string, Retirement>;
  /** Reads it anew; when that fails, what was known stays. Never rejects. */
  refresh(options: { signal: AbortSignal }): Promise<void>;
}

/** @param options.retirements what an earlier process knew. */
export function createCatalogue(options: {
  venice: Pick<Venice, 'readModels'>;
  retirements: ReadonlyMap<string, Retirement>;
  clock: Clock;
  log: Logger;
}): Catalogue {
  const { venice, clock, log } = options;
  let known: readonly SpeechModel[] = GUIDE_MODELS;
  const retirements = new Map(options.retirements);
  const offered = () => known.filter(({ id }) => (retirements.get(id)?.at ?? Infinity) > clock());

  return {
    find: (id) => offered().find((model) => model.id === id),
    retirements: () => retirements,
    cloning: () =>
      offered()
        .filter((model): model is CloningModel => model.cloning !== undefined)
        .toSorted(
          (a, b) =>
            Number(retirements.has(a.id)) - Number(retirements.has(b.id)) ||
            a.microUsdPerMillion - b.microUsdPerMillion,
        ),
    async refresh({ signal }) {
      try {
        const read = await venice.readModels({ signal });
        if (read.length === 0) throw new Error('The catalogue lists no model that can be used');
        known = read;
        for (const { id, retirement } of read) {
          if (retirement) retirements.set(id, retirement);
          else retirements.delete(id);
        }
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ err: error }, 'the model catalogue could not be read; what was known is used');
      }
    },
  };
}
