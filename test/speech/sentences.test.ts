import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Cut,
  cutFirst,
  cutText,
  FOR_EARS,
  FOR_FILES,
  SPARING,
} from '../../src/speech/sentences.ts';

const CUTS: readonly Cut[] = [FOR_EARS, FOR_FILES, SPARING];
const lengths = (pieces: readonly string[]) => pieces.map((piece) => [...piece].length);
const NEXT = 'He then left the building, crossed the street, and came back.';
const bare = (text: string) => text.replace(/\s/gu, '');

describe('cutText', () => {
  test('a short text stays whole', () => {
    expect(cutText('Good morning, everybody. This is my own voice.', FOR_EARS)).toHaveLength(1);
  });

  test('the first piece is the first sentence, the next ones grow', () => {
    const sentence = 'One sentence of a fair length that says something.';
    const [first, ...later] = cutText(`${sentence} `.repeat(20).trim(), FOR_EARS);
    expect(first).toBe(sentence);
    expect(lengths(later)).toEqual([152, 203, 254, 254, 101]);
  });

  test('full stops that end no sentence do not cut', () => {
    const first =
      "Dr. J. R. Smith paid 3.50 dollars for No. 5 on Mr. Brown's list, e.g. the big one.";
    const second = 'It was the 3. time. Wait... What did he say? He said nothing at all!';
    const third = 'Then, after a while, he left the building, crossed the street, and came back.';
    expect(cutText(`${first} ${second} ${third}`, FOR_EARS)).toEqual([first, `${second} ${third}`]);
  });

  test.each([
    'The paper was written at the time by Prof. Ada Smith and by Sgt. Bo Lee of Acme Inc. Bob read it.',
    'For many years they had been the best of friends in the U.S. Army, at 9 p.m. Monday and at noon.',
    'It was said of them that they had been drawn by J. R. Miller and by I. M. Pei, z. B. Museums too.',
    'Wir sehen uns, wenn alles so geht, wie wir es wollen, am 3. Mai oder im 2. Stock bei der Mutter.',
    'Der 2. Stock und der 3. Stock sind heute leider geschlossen, die anderen sind offen, Frau Mayer.',
    'As anybody can see on that page, it is shown in fig. 3 and also in no. 12 Elm Street of this book.',
    '“Are you coming with us tomorrow?” and they answered that they were (were they?) not so sure of it.',
    '「明日も私たちと一緒に来てくれますか、それとも家で本を読みたいですか？」と彼女は公園で弟に聞いたのに「いいえ、明日は家で静かに本を読みたいです。」と彼は答えた。',
    'The book that all of us had to read for today was written by Ada Smith, Ph.D. Bob has not read it.',
    'Gestern haben wir im Garten lange mit Hr. Müller und mit Fr. Schmidt gesprochen, vgl. Abs. 3 davon.',
    'Todos los que conozco por aquí quieren viajar algún día a los EE. UU. Aunque no tienen el dinero.',
    'Мы с братом долго шли пешком от вокзала и потом увидели дом на ул. Ленина и т. д. потом пошли.',
  ])('no cut within: %s', (sentence) => {
    const [first] = cutText(`${sentence} ${NEXT}`, FOR_EARS);
    expect(first).toBe(sentence);
  });

  test.each([
    'They asked me whether I wanted to come, and I said no.',
    'There is not very much to tell about me yet: I am 25.',
    'Nobody would believe that it could be so, but it was I.',
    'The box that they were looking for weighed about 5 m.',
  ])('a cut after: %s', (sentence) => {
    expect(cutText(`${sentence} ${NEXT}`, FOR_EARS)).toEqual([sentence, NEXT]);
  });

  const CHAT = [
    'so i went to the shop this morning and it was closed.',
    'then i walked all the way back home in the rain.',
    'my brother had taken the car, and i said no.',
    'i have no idea at all what he was doing with u.',
  ];

  test('in chat a sentence begins with a small letter', () => {
    expect(cutText(CHAT.join(' '), FOR_EARS)[0]).toBe(CHAT[0]);
    expect(cutText(CHAT.join(' '), { whole: 30, most: [60], isHasty: false })).toEqual(CHAT);
  });

  test.each([
    'wait... what',
    'wait… what',
    'e.g. this',
    'eg. this',
    'i.e. that',
    'a.k.a. the king',
    'milk, eggs, etc. and so on',
    'approx. five',
    'vs. them',
    'max. speed',
    'mr. smith',
    'john f. kennedy',
    '3.50 dollars',
    'example.com then',
    'the config.ts file',
    'version 1.2. then',
    'am 3. und 4. mai',
    'Butter usw. und',
    'z. B. das',
    'bzw. das',
    'ca. zehn',
    'ggf. noch',
    'p. ej. una',
    'env. dix',
    'т. д. потом',
    'т. е. потом',
  ])('nor does every small letter after a full stop begin one: %s', (part) => {
    const sentence = `They told all of us that it was ${part} or what it was, and nothing else.`;
    expect(cutText(`${sentence} ${NEXT}`, FOR_EARS)).toEqual([sentence, NEXT]);
  });

  test('a list keeps its numbers', () => {
    const [first, second] = [
      '1. Buy some milk and bread and butter for us.',
      '2. Call your mother, your father and the dog.',
    ];
    expect(cutText(`${first} ${second}`, FOR_EARS)).toEqual([first, second]);
  });

  test('one word alone goes with its neighbour, at the start and at the end', () => {
    const long =
      'This is a sentence that is long enough to be spoken all by itself, and then some more';
    const pieces = cutText(`Hi. ${long}. ${long}. ${long}. Bye.`, FOR_EARS);
    expect(pieces[0]).toMatch(/^Hi\. This/);
    expect(pieces.at(-1)).toMatch(/more\. Bye\.$/);
  });

  test.each([115, 139])(
    'a sentence that is too long by a word or two is left whole: %i',
    (length) => {
      const sentence = `${'word '.repeat(40).slice(0, length - 'tonight.'.length)}tonight.`;
      expect(cutText(`${sentence} ${NEXT}`, FOR_EARS)).toEqual([sentence, NEXT]);
    },
  );

  test('a sentence that is longer leaves more than a word or two', () => {
    const sentence = `${'word '.repeat(26)}and tonight.`;
    const [first = '', second = ''] = cutText(`${sentence} ${NEXT}`, FOR_EARS);
    expect(first.length).toBeLessThanOrEqual(110);
    expect(second).toMatch(/^word word word .*and tonight\. He/);
  });

  test('a sentence that is too long is cut at its parts, or between words', () => {
    const clauses = 'and then we went on for a while, '.repeat(12);
    for (const piece of cutText(`First ${clauses}and stopped.`, FOR_EARS).slice(0, -1))
      expect(piece).toMatch(/,$/);
    const words = 'word '.repeat(120).trim();
    for (const piece of cutText(words, FOR_EARS)) expect(piece).toMatch(/^word.*word$/);
  });

  test('Japanese, which has no spaces, and Arabic, which runs the other way', () => {
    const japanese =
      'こんにちは。私の名前はアダです。今日はとても良い天気ですね、散歩に行きましょう。それから、公園でお弁当を食べて、夕方まで遊びましょう。明日は雨が降るそうです。';
    expect(cutText(japanese, FOR_EARS)[0]).toMatch(/^こんにちは。.*。$/u);
    const arabic =
      'مرحبا بالعالم، كيف حالك اليوم؟ أنا بخير والحمد لله. هذا نص طويل بعض الشيء لكي نرى كيف يتم تقطيعه إلى قطع صغيرة.';
    expect(cutText(arabic, FOR_EARS)[0]).toMatch(/؟$/u);
  });

  test('a grapheme without end is cut through, and nothing hangs', () => {
    for (const endless of [`${'क्'.repeat(200)}क`, 'ᄀᄁ'.repeat(60)])
      expect(cutText(endless, FOR_EARS).join('')).toBe(endless);
  });

  test('whatever the text, nothing is lost, nothing is empty, nothing is too long', () => {
    const words = fc.array(
      fc.oneof(
        fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }),
        fc.constantFrom('Hello.', 'Well...', 'Mr.', '5.', 'すごい。', 'what?', 'yes,', '—', '😀'),
      ),
      { minLength: 1, maxLength: 120 },
    );
    fc.assert(
      fc.property(words, fc.constantFrom(...CUTS), (parts, cut) => {
        const text = parts.join(' ').replace(/\s+/gu, ' ').trim();
        fc.pre(text !== '');
        const pieces = cutText(text, cut);
        expect(bare(pieces.join(''))).toBe(bare(text));
        // What is asked for is never more than what was paid for.
        expect(lengths(pieces).reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(
          [...text].length,
        );
        expect(pieces.every((piece) => piece.trim() !== '')).toBe(true);
        // The stub of a sentence may be on top, and a last sentence that is one.
        const longest = Math.max(cut.whole, ...cut.most) + 2 * 30;
        expect(Math.max(...lengths(pieces))).toBeLessThanOrEqual(longest);
      }),
      { numRuns: 300 },
    );
  });
});

describe('cutFirst', () => {
  test('takes as many sentences as fit, and leaves the rest whole', () => {
    expect(cutFirst('One here. Two here. Three here.', 20)).toEqual([
      'One here. Two here.',
      'Three here.',
    ]);
    expect(cutFirst('One here. Two here.', 19)).toEqual(['One here. Two here.', '']);
  });

  test('a first sentence that is too long is cut between its parts, or between words', () => {
    const clause = 'when it had rained all day long';
    expect(cutFirst(`${clause}, ${clause}, ${clause}`, 50)[0]).toBe(`${clause},`);
    expect(cutFirst('word '.repeat(20).trim(), 33)[0]).toBe('word word word word word word');
  });

  test('nothing is lost, and the first is never longer than asked for', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'é', '𝒶', ' ', '. ', '! ', ', '),
      maxLength: 300,
    });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 200 }), (typed, most) => {
        const [first, rest] = cutFirst(typed, most);
        expect([...first].length).toBeLessThanOrEqual(most);
        expect(bare(first + rest)).toBe(bare(typed));
      }),
    );
  });
});
