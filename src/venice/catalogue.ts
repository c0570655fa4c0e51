import type { Logger } from 'pino';
import type { Clock } from '../domain/time.ts';
import { GUIDE_MODELS } from './guide-models.ts';
import type { CloningModel, Retirement, SpeechModel } from './models.ts';
import type { Venice } from './venice.ts';

/** What the provider offers this key, as last read; a model past its retirement is not offered. */
export interface Catalogue {
  find(id: string): SpeechModel | undefined;
  /** Models that can clone: those that stay first, then the cheapest. */
  cloning(): readonly CloningModel[];
  /** Of a model that goes, or has gone since it was first read. */
  retirementOf(id: string): Retirement | undefined;
  /** Models that will be retired. */
  retiring(): readonly SpeechModel[];
  /** Reads it anew; when that fails, what was known stays. Never rejects. */
  refresh(options: { signal: AbortSignal }): Promise<void>;
}

export function createCatalogue(options: {
  venice: Pick<Venice, 'readModels'>;
  clock: Clock;
  log: Logger;
}): Catalogue {
  const { venice, clock, log } = options;
  let known: readonly SpeechModel[] = GUIDE_MODELS;
  /** Kept when the list no longer names the model. */
  const retirements = new Map<string, Retirement>();
  const offered = () => known.filter(({ retirement }) => !retirement || retirement.at > clock());

  return {
    find: (id) => offered().find((model) => model.id === id),
    retirementOf: (id) => retirements.get(id),
    retiring: () => offered().filter(({ retirement }) => retirement !== undefined),
    cloning: () =>
      offered()
        .filter((model): model is CloningModel => model.cloning !== undefined)
        .toSorted(
          (a, b) =>
            Number(a.retirement !== undefined) - Number(b.retirement !== undefined) ||
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
