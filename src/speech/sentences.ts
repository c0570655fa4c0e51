import { countCodePoints } from '../domain/text.ts';

/** How a text is cut into pieces that are synthesised one by one; lengths in code points. */
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

/** A last word alone goes with what it follows. */
function withoutStub(pieces: readonly string[]): readonly string[] {
  const [before, last] = pieces.slice(-2);
  if (before === undefined || last === undefined || lengthOf(last) >= LEAST) return pieces;
  return [...pieces.slice(0, -2), before + last];
}

function sentencesOf(text: string): readonly string[] {
  const sentences: string[] = [];
  let open = '';
  for (const { segment, index } of SENTENCES.segment(text)) {
    open += segment;
    const rest = text.slice(index + segment.length);
    if (GOES_ON.some(([before, after]) => before.test(open) && after.test(rest))) continue;
    sentences.push(open);
    open = '';
  }
  return open === '' ? sentences : [...sentences, open];
}

const SENTENCES = new Intl.Segmenter('und', { granularity: 'sentence' });

/**
 * Full stops that end no sentence, by what comes before and after them. Where they may or may not,
 * as in "the U.S. Then", they are taken for ones that do not: a piece that is longer is not heard,
 * a cut through a sentence is.
 */
const GOES_ON: readonly (readonly [before: RegExp, after: RegExp])[] = [
  [/(?:^|[\s("“„«])(?:mrs?|ms|mx|dr|prof|st|mt|sr|jr|rev|hon|gov|sen)\.\s*$/iu, /^/u],
  [/(?:^|[\s("“„«])(?:gen|col|maj|capt|cmdr|lt|sgt|cpl|mme|mlle|sra?|srta)\.\s*$/iu, /^/u],
  [/(?:^|[\s("“„«])(?:inc|ltd|co|corp|bros|dept|vs|approx|cf|ca|bzw)\.\s*$/iu, /^/u],
  // U.S., p.m., e.g., z. B. and J. R., from their first letter on.
  [/(?:^|[\s("“„«])\p{L}(?:\.\s?\p{L})+\.\s*$/u, /^/u],
  [/(?:^|[\s("“„«])\p{L}\.\s*$/u, /^\p{L}\./u],
  // An initial; a sentence may end with the word "I".
  [/(?:^|[\s("“„«])(?!I)\p{Lu}\.\s*$/u, /^/u],
  [/(?:^|[\s("“„«])(?:nos?|nr|figs?|vol|ch|pp?)\.\s*$/iu, /^\d/u],
  // Numbers in order: of a list, or German, where "I am 25. He is 30." must not be taken for one.
  [/(?:^|\b(?:der|die|das|den|dem|des|vom|zum|im)\s)\d{1,2}\.\s*$/iu, /^\p{L}/u],
  [/(?:^|\s)\d{1,2}\.\s*$/u, /^(?:Jan|Feb|März|April|Mai\b|Juni|Juli|Aug|Sept|Okt|Nov|Dez)/u],
];

/**
 * Where a text that is too long is cut, in UTF-16 units; undefined where it is not too long, or by so
 * little that its last word or two would stand at the head of the next piece.
 */
function findBreak(text: string, most: number): number | undefined {
  if (lengthOf(text) < most + LEAST) return undefined;
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
