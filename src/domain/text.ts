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

/** How long so many characters take to say, as people talk. */
export function secondsOf(characters: number): number {
  return characters / CHARACTERS_A_SECOND;
}

const CHARACTERS_A_SECOND = 15;
