import type { SpokenVoice } from '../../domain/voice.ts';
import type { Unheeded } from '../../venice/manner.ts';
import type { Answer } from '../command.ts';

/** The same answer, with what of the wish its voice's model did not heed; that is left to be read. */
export function withUnheeded(
  answer: Answer,
  voice: SpokenVoice,
  unheeded: readonly Unheeded[],
): Answer {
  if (unheeded.length === 0) return answer;
  const { vanishes: _, content, ...rest } = answer;
  const model = voice.kind === 'own' ? voice.voice.model : voice.stock.model;
  const notes = unheeded.map(({ what, limit }) =>
    limit === undefined
      ? `-# \`${what}\` had no effect: this voice's model (\`${model}\`) ignores it.`
      : `-# \`${what}\` was ${limit}: this voice's model (\`${model}\`) goes no further.`,
  );
  return { ...rest, content: [content, ...notes].join('\n') };
}
