import { UserError } from '../domain/errors.ts';
import { countCodePoints } from '../domain/text.ts';

/** The names behind the mentions of a text, by id, looked up by whoever knows them. */
export interface MentionedNames {
  readonly users: ReadonlyMap<string, string>;
  readonly roles: ReadonlyMap<string, string>;
  readonly channels: ReadonlyMap<string, string>;
}

/**
 * Turns what a member typed into what a voice can say, or refuses it.
 * @throws UserError E_TEXT_EMPTY, E_TEXT_ENCODING, E_TEXT_LONG, E_TEXT_SPOILER, E_TEXT_UNSPEAKABLE.
 */
export function cleanText(text: string, names: MentionedNames, maxCharacters: number): string {
  if (!text.isWellFormed() || text.includes('\0')) throw new UserError({ code: 'E_TEXT_ENCODING' });
  const visible = visibleOf(text).trim();
  if (visible === '') throw new UserError({ code: 'E_TEXT_EMPTY' });
  checkLength(visible, maxCharacters);
  const replaced = RULES.reduce((so, [pattern, replace]) => {
    return so.replace(pattern, (...match: string[]) => replace(match, names));
  }, visible);
  // Once more: what was apart may have come together.
  const spoken = replaced.normalize('NFC').trim();
  // Names may be longer than their mentions, and are paid for like the rest.
  checkLength(spoken, maxCharacters);
  if (SPEAKABLE.test(spoken)) return spoken;
  throw new UserError({
    code: /\|\|.+?\|\|/s.test(visible) ? 'E_TEXT_SPOILER' : 'E_TEXT_UNSPEAKABLE',
  });
}

/** @throws UserError E_TEXT_LONG. */
function checkLength(text: string, max: number): void {
  const length = countCodePoints(text);
  if (length > max) throw new UserError({ code: 'E_TEXT_LONG', length, max });
}

/** In one form of Unicode, its lines broken in one way, without what cannot be seen. */
function visibleOf(text: string): string {
  return text.replace(BREAKS, '\n').replace(INVISIBLE, '').normalize('NFC');
}

const BREAKS = /\r\n?|[\v\f\u0085\u2028\u2029]/gu;
/**
 * Controls, zero-width and bidirectional marks, tags, variation selectors, letters that fill a gap,
 * and what looks like something in one font alone; line breaks stay.
 */
const INVISIBLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}]/gu;
const SPEAKABLE = /[\p{L}\p{N}]/u;

type Rule = readonly [
  pattern: RegExp,
  replace: (match: readonly string[], names: MentionedNames) => string,
];

const gone = () => ' ';
const inner = (match: readonly string[]) => match[1] ?? '';

/**
 * Where escaped marks wait, that no rule may take for markup: of private use, and what the text had
 * of that is gone.
 */
const ASIDE = 0xf0000;
const setAside = (mark: string) => String.fromCodePoint(ASIDE + mark.charCodeAt(0));
const putBack = (aside: string) => String.fromCodePoint((aside.codePointAt(0) ?? 0) - ASIDE);

/**
 * In this order: what is no markup or hides text first, then what stands for a name, then what is
 * only looks.
 */
const RULES: readonly Rule[] = [
  // What begins first counts: in code a backslash is one, and two bars are two.
  [
    /(```.*?```|`[^`]+`)|\\([!-/:-@[-`{-~])|\|\|(?:\\.|[^\\])+?\|\|/gsu,
    ([, code, mark]) => code ?? (mark === undefined ? ' ' : setAside(mark)),
  ],
  [/```(?:[\w+#-]*\n)?(.*?)```/gsu, inner],
  [/`([^`]+)`/gu, inner],
  [/<@!?(\d+)>/gu, ([, id = ''], { users }) => nameOf(users, id) ?? 'someone'],
  [/<@&(\d+)>/gu, ([, id = ''], { roles }) => nameOf(roles, id) ?? 'a role'],
  [/<#(\d+)>/gu, ([, id = ''], { channels }) => nameOf(channels, id) ?? 'a channel'],
  [/<a?:(\w+):\d+>/gu, ([, name = '']) => ` ${name.replaceAll('_', ' ')} `],
  [/<\/([^:>]+):\d+>/gu, inner],
  [
    /<id:(browse|customize|guide|home|linked-roles)(?::\d+)?>/gu,
    ([, place = '']) => place.replace('-', ' '),
  ],
  [/<t:-?\d+(?::\w)?>/gu, () => 'a time'],
  [/@(everyone|here)\b/gu, inner],
  [/\[([^\]]+)\]\(<?https?:\/\/(?:\([^()\s]*\)|[^)\s])+(?:\s+["'][^)]*)?\)/giu, inner],
  // Without the punctuation that follows it; after that of the East no space need follow.
  [
    /<?https?:\/\/[^\s>、。，．！？：；（）「」『』【】《》“”…]*(?:>|(?<![\p{Pe}\p{Pf}.,;:!?'"]))/giu,
    ([link = '']) => nameOfLink(link),
  ],
  [/\p{Extended_Pictographic}|[\u{1F1E6}-\u{1F1FF}\u{1F3FB}-\u{1F3FF}\u20E3]/gu, gone],
  [/^\s*(?:(?:#{1,3}|-#|>{1,3}|[-*])\s+)+/gmu, gone],
  // A star between two spaces multiplies.
  [/(?<=\S\s+)(\*{1,2})(?=\s+\S)|\*\*|__|~~|(?<![\p{L}\p{N}])[*_]|[*_](?![\p{L}\p{N}])/gu, inner],
  // A wall of marks is noise, and made of those of no script. Arabic shares its own with others.
  [/([\p{sc=Inherited}--\p{scx=Arabic}]{2})[\p{sc=Inherited}--\p{scx=Arabic}]+/gv, inner],
  [/(\p{M}{6})\p{M}+/gu, inner],
  [/(\P{N}\p{M}*)\1{8,}/gu, ([, repeated = '']) => repeated.repeat(8)],
  [/\p{Co}/gu, ([aside = '']) => putBack(aside)],
  [/\s+/gu, gone],
];

/** By its host alone: not by who logs in, the port or the path. */
function nameOfLink(link: string): string {
  const [, host = ''] = /\/\/(?:[^/?#]*@)?(?:www\.)?([^/?#:>]*)/iu.exec(link) ?? [];
  return host === '' ? 'a link' : `a link to ${host}`;
}

/** As it may be said; undefined where it is unknown, or nothing but pictures. */
function nameOf(names: ReadonlyMap<string, string>, id: string): string | undefined {
  // Nobody looks different by a name: marks in it are no markup.
  const name = visibleOf(names.get(id) ?? '').replace(/[*`|~<>[\]]/gu, ' ');
  return SPEAKABLE.test(name) ? name : undefined;
}
