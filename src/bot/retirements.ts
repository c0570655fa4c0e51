import type { Logger } from 'pino';
import type { Retirement, SpokenVoice } from '../domain/voice.ts';
import type { Store } from '../store/store.ts';
import type { Catalogue } from '../venice/catalogue.ts';
import { quoteName, wordWhen } from './markup.ts';
import type { Operator } from './operator.ts';

/** Tells of models that the provider is going to take away, while there is time to do something. */
export interface Retirements {
  /** Keeps what the catalogue says of them, over a restart too, and tells the operator, once of each date. */
  note(): Promise<void>;
  /** What the owner of a voice, unless they know, is told at their next line in it. Never rejects. */
  noticeFor(voice: SpokenVoice): Promise<string | undefined>;
}

export function createRetirements(options: {
  catalogue: Catalogue;
  store: Pick<Store, 'retirements'>;
  operator: Operator;
  log: Logger;
}): Retirements {
  const { catalogue, operator, log } = options;
  const store = options.store.retirements;

  return {
    async note() {
      try {
        await store.replace(catalogue.retirements());
        for (const model of await store.untold()) {
          const retirement = catalogue.retirements().get(model);
          if (retirement) await operator.alert(wordForOperator(model, retirement));
          await store.tellOperator(model);
        }
      } catch (error) {
        log.warn({ err: error }, 'what the provider retires could not be noted');
      }
    },

    async noticeFor(spoken) {
      if (spoken.kind === 'stock') return undefined;
      const { id, name, model } = spoken.voice;
      const retirement = catalogue.retirements().get(model);
      if (!retirement) return undefined;
      try {
        const isNews = await store.tellOwner(id, retirement.at);
        return isNews ? wordForOwner({ name, model, at: retirement.at }) : undefined;
      } catch (error) {
        // The line was spoken all the same, and the next one tells it.
        log.warn({ err: error, voice: id }, 'that an owner knows of a retirement was not noted');
        return undefined;
      }
    },
  };
}

/** What stops, when, and what its owner can do. */
export function wordForOwner(voice: { name: string; model: string; at: number }): string {
  return `Venice retires the model of ${quoteName(voice.name)} (\`${voice.model}\`) ${wordWhen(voice.at)}. Until then it speaks as before, from then on not at all: another model would sound like somebody else, so none takes its place by itself. Clone it again before that with another model (\`/clone model:\`).`;
}

function wordForOperator(model: string, { at, successor }: Retirement): string {
  const named = successor === undefined ? '' : ` Venice names \`${successor}\` in its place.`;
  return `Venice retires the model \`${model}\` ${wordWhen(at)}. From then on the bot does not call it; its voices fall silent until their owners clone them again with another model. I tell the owners in a direct message, or at their next line where they take none.${named}`;
}
