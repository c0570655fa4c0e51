import { expect, test } from 'vitest';
import { secondsToSay } from '../../src/domain/text.ts';

test('secondsToSay goes by what is spoken: digits are words, ideographs and kana are syllables', () => {
  expect(secondsToSay('a'.repeat(15))).toBe(1);
  expect(secondsToSay('a, b! '.repeat(5))).toBe(2);
  expect(secondsToSay('123')).toBe(1);
  for (const syllables of ['你好世界吧', 'こんにちは', 'コンニチハ', '안녕하세요'])
    expect(secondsToSay(syllables)).toBe(1);
  expect(secondsToSay('𝒶'.repeat(15))).toBe(1);
});

test('secondsToSay goes by the speed', () => {
  expect(secondsToSay('a'.repeat(30), 2)).toBe(1);
  expect(secondsToSay('a'.repeat(30), 0.5)).toBe(4);
});
