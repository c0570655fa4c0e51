import type { SpokenVoice } from '../domain/voice.ts';
import type { Catalogue } from '../venice/catalogue.ts';
import type { Retirement } from '../venice/models.ts';
import { quoteName, wordWhen } from './markup.ts';
import type { Operator } from './operator.ts';

/** Tells of models that the provider is going to take away, while there is time to do something. */
export interface Retirements {
  /** Tells the operator, once of each date. */
  alert(): Promise<void>;
  /** What the owner of a voice is told at their next line in it, once of each date. */
  noticeFor(voice: SpokenVoice): string | undefined;
}

export function createRetirements(options: {
  catalogue: Catalogue;
  operator: Operator;
}): Retirements {
  const { catalogue, operator } = options;
  const told = new Set<string>();
  const isNews = (who: string, { at }: Retirement) => {
    const news = `${who} ${at}`;
    return !told.has(news) && told.add(news) !== undefined;
  };

  return {
    async alert() {
      for (const { id, retirement } of catalogue.retiring())
        if (retirement && isNews(id, retirement))
          await operator.alert(
            `Venice retires the model \`${id}\` ${wordWhen(retirement.at)}. From then on the bot does not call it; its voices fall silent until their owners clone them again with another model, and they are told at their next line.${wordSuccessor(retirement)}`,
          );
    },

    noticeFor(spoken) {
      if (spoken.kind === 'stock') return undefined;
      const { id, name, model } = spoken.voice;
      const retirement = catalogue.retirementOf(model);
      if (!retirement || !isNews(id, retirement)) return undefined;
      return `Venice retires the model of ${quoteName(name)} (\`${model}\`) ${wordWhen(retirement.at)}. Until then it speaks as before; before that, clone it again with another model (\`/clone model:\`).`;
    },
  };
}

function wordSuccessor({ successor }: Retirement): string {
  return successor === undefined ? '' : ` Venice names \`${successor}\` in its place.`;
}
