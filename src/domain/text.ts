/** How many characters a reader would count: code points, not UTF-16 units. */
export function countCodePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Makes two spellings of a name equal: compatibility form, case folded, spaces collapsed. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

/** How long a text takes to say, as people talk. @param speed as it is asked for. */
export function secondsToSay(text: string, speed = 1): number {
  let letters = 0;
  for (const character of text) letters += lettersOf(character);
  return letters / LETTERS_A_SECOND / speed;
}

const LETTERS_A_SECOND = 15;

/** How many letters of a word a character takes as long as: a digit is a word, 声 is a syllable. */
function lettersOf(character: string): number {
  if (/\p{N}/u.test(character)) return 5;
  return /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u.test(character) ? 3 : 1;
}
