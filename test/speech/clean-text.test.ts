import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText, type MentionedNames } from '../../src/speech/clean-text.ts';

const NAMES: MentionedNames = {
  users: new Map([
    ['1', 'Ada'],
    ['4', 'Zoe\u0308\u200b\u202e ||\u2028*the* `<#3>` 🦊 one||'],
    ['5', '🦊 ★'],
  ]),
  roles: new Map([['2', 'Night Owls']]),
  channels: new Map([['3', 'lobby']]),
};
const clean = (text: string, max = 600) => cleanText(text, NAMES, max);

describe('cleanText, rule by rule, in the order they are applied', () => {
  test.each([
    [
      'what is escaped is no markup, and has no backslash',
      '\\*not bold\\* \\|\\|seen\\|\\| \\<@1> \\`*it*\\` \\\\',
      '*not bold* ||seen|| <@1> `it` \\',
    ],
    ['a backslash that escapes nothing stays', '`C:\\.x` 1\\2', 'C:\\.x 1\\2'],
    ['what hides text goes first, also where it hides a mention', 'a ||<@1> b|| c', 'a c'],
    ['in code it hides nothing', '`a || b` and `c || d` end', 'a || b and c || d end'],
    ['nor does code that is hidden show', 'a ||b ` c|| d ||e \\|| f` g|| h', 'a d h'],
    ['a code block is read without its language', '```ts\nlet it be\n```', 'let it be'],
    ['inline code loses its ticks', 'run `npm ci` now', 'run npm ci now'],
    ['people, roles and channels are read by name', '<@!1> <@&2> <#3>', 'Ada Night Owls lobby'],
    ['whoever is unknown is someone', '<@9> <@&9> <#9>', 'someone a role a channel'],
    ['names are cleaned too, and are no markup', '<@4> <@5>!', 'Zoë the #3 one someone!'],
    ['a custom emoji is its name', '<a:party_parrot:12345>', 'party parrot'],
    ['a command is its name', '</say:12345> it', 'say it'],
    [
      'a place of a server is its word',
      '<id:browse> <id:customize> <id:guide> <id:home> <id:linked-roles> <id:linked-roles:12345>',
      'browse customize guide home linked roles linked roles',
    ],
    ['a time is a time', 'at <t:1700000000:R>', 'at a time'],
    [
      'a masked link is its words, a bare one its host',
      '[docs](https://a.b/c) https://www.d.e/f',
      'docs a link to d.e',
    ],
    [
      'a masked link may have brackets, or one, and a title',
      '[wiki](https://en.wikipedia.org/wiki/Foo_(bar)) ([a](<https://a.b/(c)>)) [b](https://a.b/(c) [d](https://a.b "e")',
      'wiki (a) b d',
    ],
    [
      'a link ends before punctuation that no space follows',
      '看https://example.com/x，这个真的很好玩。（https://example.com）「https://a.b/c」…',
      '看a link to example.com，这个真的很好玩。（a link to example.com）「a link to a.b」…',
    ],
    [
      'what follows a link is not part of it',
      'https://a.b/c. Then (https://a.b/c), “https://a.b”; https://a.b/c? <https://a.b/c.>',
      'a link to a.b. Then (a link to a.b), “a link to a.b”; a link to a.b? a link to a.b',
    ],
    [
      'who logs in at a link is nobody else’s business, nor is the port',
      'https://user:pw@a.b/c https://user:p@w@www.a.b:80 https://user:p/w@a.b https://:pw@/',
      'a link to a.b a link to a.b a link to user a link',
    ],
    [
      'a link to nowhere is one all the same',
      'https:// is how they begin',
      'a link is how they begin',
    ],
    [
      'lines that break in other ways do not run together',
      'one\u2028two\u2029three\rfour\vfive\fsix\u0085seven\r\neight\u2028- nine',
      'one two three four five six seven eight nine',
    ],
    [
      'headings, quotes and lists lose their marks',
      '# One\n> two\n- three\n> - four',
      'One two three four',
    ],
    [
      'bold, italics, underlines go; stars in words stay',
      '**a** *b* __c__ 2*3 snake_case',
      'a b c 2*3 snake_case',
    ],
    [
      'so do stars that multiply',
      '2 * 3 and 2 ** 3, *but* not *this',
      '2 * 3 and 2 ** 3, but not this',
    ],
    ['pictures go', 'nice 😀🏳️‍🌈 day', 'nice day'],
    [
      'marks are capped at two, repeats at eight',
      `e\u0316\u0317\u0318\u0319\u031a ${'o'.repeat(20)}`,
      'e\u0316\u0317 oooooooo',
    ],
    [
      'of marks of a script there may be six',
      `မ${'\u103d'.repeat(20)} e\u0316${'\u05b8'.repeat(20)}`,
      `မ${'\u103d'.repeat(6)} e${'\u05b8'.repeat(6)}`,
    ],
    ['a letter is repeated with its marks', 'x\u0302'.repeat(30), 'x\u0302'.repeat(8)],
    ['pointed Hebrew keeps its points', 'שּׁ\u05b8לוֹם', 'ש\u05b8\u05bc\u05c1לוֹם'],
    [
      'numbers stay as they are, also long ones',
      '3.14 and 1,000 and 1000000000.',
      '3.14 and 1,000 and 1000000000.',
    ],
    ['letters that show nothing go', 'n\u3164o\u115ft\u1160h\uffa0ing', 'nothing'],
    ['one form of Unicode', 'e\u0301te\u0301', 'été'],
  ])('%s', (_, text, spoken) => {
    expect(clean(text)).toBe(spoken);
  });

  test.each([
    'မြို့ ကျွန်တော်',
    'བསྒྲུབས་ ཧཱུྃ ཀླུ',
    'ٱللَّٰهِ مُحَمَّدٌ',
    'क्षत्रिय हिन्दी र्त्स्न्या',
    'ស្ត្រី ខ្ញុំ',
    'น้ำ ที่ ผู้',
    'người Việt',
  ])('what is written with many marks stays whole: %s', (text) => {
    expect(clean(text)).toBe(text.normalize('NFC'));
  });

  test('code points are counted, not units of storage', () => {
    expect(clean(`${'𝒶'.repeat(10)}`, 10)).toBe('𝒶'.repeat(8));
    expect(() => clean('𝒶'.repeat(11), 10)).toThrow('E_TEXT_LONG');
    const long = '𝒶𝒷'.repeat(2_000);
    expect(clean(long, 4_000)).toBe(long);
  });

  test('whatever is typed, the outcome is a refusal or something clean, and cleaning again changes nothing but what was escaped or code', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        let spoken: string;
        try {
          spoken = clean(text);
        } catch (error) {
          expect(String(error)).toMatch(/E_TEXT_/);
          return;
        }
        expect(spoken).toMatch(/[\p{L}\p{N}]/u);
        expect(spoken).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}]|\s\s|^\s|\s$/u);
        if (!/[\\`]/u.test(text)) expect(clean(spoken)).toBe(spoken);
      }),
      { numRuns: 500 },
    );
  });
});
