import { expect, test } from 'vitest';
import { formatUsd } from '../../src/domain/money.ts';

test.each([
  [0, '$0.00'],
  [500_000, '$0.50'],
  [12_300, '$0.0123'],
  [10_000, '$0.01'],
  [40, '$0.0001'],
  [999_960, '$1.00'],
  [1_100_000, '$1.10'],
  [1_230_000, '$1.23'],
  [1_234_567, '$1.24'],
])('%d millionths of a dollar are %s', (amount, words) => {
  expect(formatUsd(amount)).toBe(words);
});
