/** Whether a sentence goes on, although what is before looks like its end. */
export function goesOn(before: string, after: string): boolean {
  return GOES_ON.some(([end, start]) => end.test(before) && start.test(after));
}

/** The words, from their start on, and a full stop. */
function stopAfter(words: RegExp): RegExp {
  // The end is looked for first: from each start on, a long text would be read again and again.
  return new RegExp(`$(?<=(?:^|[\\s("“„«])(?:${words.source})\\.\\s*)`, words.flags);
}

const ANYTHING = /^/u;
const SMALL_LETTER = /^\p{Ll}/u;
const NUMBER = /^\d/u;

/**
 * What ends no sentence, by what comes before and after it. Where it may or may not, as in "the U.S.
 * Then", it is taken for one that does not: a piece that is longer is not heard, a cut through a
 * sentence is.
 */
const GOES_ON: readonly (readonly [before: RegExp, after: RegExp])[] = [
  // Titles.
  [stopAfter(/mrs?|ms|mx|dr|prof|st|mt|sr|jr|rev|hon|gov|sen|ph\.?\s?d|[bm]\.?sc/iu), ANYTHING],
  [stopAfter(/gen|col|maj|capt|cmdr|lt|sgt|cpl|mme|mlle|mgr|sra?|srta|dra|profa/iu), ANYTHING],
  [stopAfter(/hrn?|frl|ing|dipl|lic|sig|dott|avv|dhr|mevr|проф|акад/iu), ANYTHING],
  // A "fr." that is small is chat, and mostly an end.
  [stopAfter(/Fr/u), ANYTHING],
  // What is followed by a name or by more of the sentence.
  [stopAfter(/inc|ltd|co|corp|bros|dept|vs|approx|cf|ca|bzw|vgl|bspw|av|avda/iu), ANYTHING],
  [stopAfter(/p\.\s?e[jxs]|c\.-à-d|t\.\s?ex|f\.\s?eks|bl\.\s?a/iu), ANYTHING],
  [stopAfter(/ул|просп|пл|гг?|см|ср|напр/iu), ANYTHING],
  // What may well be the last word.
  [stopAfter(/etc|incl|excl|esp|max|min|vol|avg|est|resp|tel|eg|ie|al|feat|ft/iu), SMALL_LETTER],
  [stopAfter(/usw|ggf|evtl|inkl|exkl|zzgl|sog|std|tsd|mio|mrd|str/iu), SMALL_LETTER],
  [stopAfter(/env|aprox|máx|mín|uds?|ecc|enz|bijv|osv|np|itd|itp|tzn|vb/iu), SMALL_LETTER],
  [stopAfter(/др|пр|тыс|млн|млрд|руб|мин|сек|обл/iu), SMALL_LETTER],
  // What is counted.
  [stopAfter(/nos?|nr|n[uú]m|figs?|vol|chs?|pp?|apt|abs|art|kap|p[aá]gs?|стр|гл|кв/iu), NUMBER],
  [stopAfter(/jan|feb|mar|apr|jun|jul|aug|sept?|oct|okt|nov|dec|dez/iu), NUMBER],
  // U.S., p.m., e.g., z. B. and J. R., from their first letter on.
  [stopAfter(/\p{L}(?:\.\s?\p{L})+/u), ANYTHING],
  [stopAfter(/\p{L}/u), /^\p{L}\./u],
  [stopAfter(/EE|UU|RR|HH|CC|OO|MM/u), ANYTHING],
  // An initial; a sentence may end with the word "I", and in chat with others of one letter.
  [stopAfter(/(?!I)\p{Lu}/u), ANYTHING],
  [stopAfter(/(?![ikruxyя])\p{Ll}/u), SMALL_LETTER],
  // Numbers in order: of a list, or German, where "I am 25. He is 30." must not be taken for one.
  [/^\d{1,2}\.\s*$/u, /^\p{L}/u],
  [stopAfter(/(?<=\b(?:der|die|das|den|dem|des|vom|zum|im)\s)\d{1,2}/iu), /^\p{L}/u],
  [stopAfter(/\d{1,2}/u), /^(?:Jan|Feb|März|April|Mai\b|Juni|Juli|Aug|Sept|Okt|Nov|Dez)/u],
  // What somebody says or adds, within the sentence.
  [/$(?<=[!?。！？]["'\p{Pe}\p{Pi}\p{Pf}]+\s*)/u, /^(?:\p{Ll}|と|って)/u],
];
