import type { ProviderFormat, SpeechModel } from '../venice/models.ts';
import { type Cut, cutText, FOR_EARS, FOR_FILES, SPARING } from './sentences.ts';

/** What the sound is for: the ear at once, a file that is encoded here, or an mp3 as it comes. */
export type Destination = 'live' | 'file' | 'mp3';

/** One way to the sound of a text: in which pieces, and in what format each is asked for. */
export interface Way {
  readonly pieces: readonly string[];
  readonly format: ProviderFormat;
}

/**
 * All ways there are, the best for this destination first. Only the order depends on it: a text that
 * was spoken for one destination is remembered for all.
 */
export function waysTo(destination: Destination, text: string, model: SpeechModel): readonly Way[] {
  const format = QUICKEST.find((one) => model.formats.includes(one)) ?? model.defaultFormat;
  const by = (cut: Cut): Way => ({ pieces: cutText(text, cut), format });
  const [ears, file, sparing] = [by(FOR_EARS), by(FOR_FILES), by(SPARING)];
  const hasMp3 = file.pieces.length === 1 && model.formats.includes('mp3');
  const mp3: readonly Way[] = hasMp3 ? [{ pieces: [text], format: 'mp3' }] : [];
  return {
    live: [ears, file, sparing, ...mp3],
    file: [file, ears, sparing, ...mp3],
    mp3: [...mp3, file, ears, sparing],
  }[destination];
}

/**
 * What is quickest to be heard: WAV, whose header carries the rate, then Opus, which is handed on,
 * then mp3. Every model known offers one of them.
 */
const QUICKEST: readonly ProviderFormat[] = ['wav', 'opus', 'mp3'];

/** The first, or the first of those of the fewest calls. */
export function pickWay(ways: readonly Way[], { isSparing }: { isSparing: boolean }): Way {
  return ways.reduce((picked, way) =>
    isSparing && way.pieces.length < picked.pieces.length ? way : picked,
  );
}

/** Whether it is a single mp3, which needs no encoding to be a file. */
export function isWholeMp3({ pieces, format }: Way): boolean {
  return format === 'mp3' && pieces.length === 1;
}
