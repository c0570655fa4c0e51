import type { SpokenVoice } from '../../domain/voice.ts';
import type { Unheeded } from '../../venice/manner.ts';
import type { Answer } from '../command.ts';

/** The same answer with what else its member should know, which is left to be read. */
export function withNotes(answer: Answer, notes: readonly string[]): Answer {
  if (notes.length === 0) return answer;
  const { vanishes: _, content, ...rest } = answer;
  return { ...rest, content: [content, ...notes.map((note) => `-# ${note}`)].join('\n') };
}

/** What of the wish its voice's model did not heed. */
export function wordUnheeded(voice: SpokenVoice, unheeded: readonly Unheeded[]): readonly string[] {
  const model = voice.kind === 'own' ? voice.voice.model : voice.stock.model;
  return unheeded.map(({ what, limit }) =>
    limit === undefined
      ? `\`${what}\` had no effect: this voice's model (\`${model}\`) ignores it.`
      : `\`${what}\` was ${limit}: this voice's model (\`${model}\`) goes no further.`,
  );
}
