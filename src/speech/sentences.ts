import { countCodePoints } from '../domain/text.ts';
import { goesOn } from './full-stops.ts';

/**
 * How a text is cut into pieces that are synthesised one by one; lengths in code points. The provider
 * takes 4,096 UTF-16 units in a call, so none may come near 2,048.
 */
export interface Cut {
  /** A text no longer than this stays whole. */
  readonly whole: number;
  /**
   * The most in the first piece, the second, …; the last of them also bounds all further ones. The end
   * of a sentence may be on top, and that of the text.
   */
  readonly most: readonly number[];
  /** Whether the first piece ends with its first sentence, so that it is heard soon. */
  readonly isHasty: boolean;
}

/**
 * For the ear: the first piece is as short as sounds well, and each next one is made while those
 * before it are heard, so it may be longer. Cloned voices drift past some 300 characters.
 */
export const FOR_EARS: Cut = { whole: 80, most: [110, 160, 220, 280], isHasty: true };
/** For a file nobody waits for the first sentence. */
export const FOR_FILES: Cut = { whole: 280, most: [280], isHasty: false };
/** For when few calls are left in this minute. */
export const SPARING: Cut = { whole: 280, most: [280, 1_000], isHasty: false };

/** Shorter than this a piece has no melody of its own, and one word alone may come out as babble. */
const LEAST = 30;

/**
 * Cuts a cleaned text into pieces at the ends of its sentences, and of their parts where a sentence
 * is too long. Nothing is lost but white space at the cuts, and the order stays.
 */
export function cutText(text: string, cut: Cut): readonly string[] {
  if (countCodePoints(text) <= cut.whole) return [text];
  const pieces: string[] = [];
  let open = '';
  const close = (piece: string) => {
    if (piece.trim() !== '') pieces.push(piece);
  };
  const most = () => cut.most[Math.min(pieces.length, cut.most.length - 1)] ?? cut.whole;

  for (const sentence of sentencesOf(text)) {
    const isEnough = lengthOf(open) >= LEAST;
    const isFull = lengthOf(open + sentence) > most();
    if (isEnough && (isFull || (cut.isHasty && pieces.length === 0))) {
      close(open);
      open = '';
    }
    open += sentence;
    for (let at = findBreak(open, most()); at !== undefined; at = findBreak(open, most())) {
      close(open.slice(0, at));
      open = open.slice(at);
    }
  }
  close(open);
  return withoutStub(pieces).map((piece) => piece.trim());
}

/**
 * Cuts a cleaned text in two: as many sentences as are within so many code points, or else what fits
 * of the first, and the rest.
 */
export function cutFirst(text: string, most: number): readonly [first: string, rest: string] {
  let end = 0;
  for (const sentence of sentencesOf(text)) {
    if (lengthOf(text.slice(0, end + sentence.length)) > most) break;
    end += sentence.length;
  }
  if (end === 0) end = breakWithin(text, most);
  return [text.slice(0, end).trim(), text.slice(end).trim()];
}

/** A last word alone goes with what it follows. */
function withoutStub(pieces: readonly string[]): readonly string[] {
  const [before, last] = pieces.slice(-2);
  if (before === undefined || last === undefined || lengthOf(last) >= LEAST) return pieces;
  return [...pieces.slice(0, -2), before + last];
}

function sentencesOf(text: string): readonly string[] {
  const sentences: string[] = [];
  let open = '';
  let end = 0;
  for (const { segment } of SENTENCES.segment(text))
    for (const part of segment.split(STOP_BEFORE_SMALL)) {
      open += part;
      end += part.length;
      if (goesOn(open, text.slice(end))) continue;
      sentences.push(open);
      open = '';
    }
  return open === '' ? sentences : [...sentences, open];
}

const SENTENCES = new Intl.Segmenter('und', { granularity: 'sentence' });

/**
 * In chat a sentence may begin with a small letter, before which Unicode sees no end of one. After
 * "..." there is none here either, nor after a number: "am 3. und 4. Mai".
 */
const STOP_BEFORE_SMALL = /(?<=[^\s.…\p{N}]\.\s+)(?=\p{Ll})/u;

/**
 * Where a text that is too long is cut, in UTF-16 units; undefined where it is not too long, or by so
 * little that its last word or two would stand at the head of the next piece.
 */
function findBreak(text: string, most: number): number | undefined {
  return lengthOf(text) < most + LEAST ? undefined : breakWithin(text, most);
}

/** The best place for a cut before so many code points are over, in UTF-16 units. */
function breakWithin(text: string, most: number): number {
  const [least, furthest] = [unitsOf(text, LEAST), unitsOf(text, most)];
  for (const pattern of BREAKS) {
    const ends = [...text.matchAll(pattern)].map(({ index, 0: { length } }) => index + length);
    const best = ends.findLast((end) => end >= least && end <= furthest && end < text.length);
    if (best !== undefined) return best;
  }
  // A script without spaces, or one endless word.
  // One endless grapheme is cut through: nothing else would let go of it.
  return GRAPHEMES.segment(text).containing(furthest)?.index || furthest;
}

/** What a long sentence may be cut after, best first. */
const BREAKS = [/[;:；：—–](?=\s|\p{Lo})\s*/gu, /[,،、，](?=\s|\p{Lo})\s*/gu, /\s+/gu];
const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** How many UTF-16 units so many code points take. */
function unitsOf(text: string, codePoints: number): number {
  let units = 0;
  let left = codePoints;
  for (const character of text) {
    if (left === 0) break;
    units += character.length;
    left -= 1;
  }
  return units;
}

function lengthOf(text: string): number {
  return countCodePoints(text.trim());
}
