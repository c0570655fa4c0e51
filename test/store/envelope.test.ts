import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { contexts, seal, unseal } from '../../src/store/envelope.ts';

const key = randomBytes(32);
const context = contexts.sample('a-voice', 'an-owner');

describe('seal', () => {
  test('opens with the same key and context, and twice the same is never equal', () => {
    const plain = Buffer.from('a recording');
    const sealed = seal(key, plain, context);
    expect(unseal(key, sealed, context)).toEqual(plain);
    expect(seal(key, plain, context)).not.toEqual(sealed);
  });

  test('begins with the version of its format', () => {
    const sealed = seal(key, Buffer.alloc(5), context);
    expect(sealed[0]).toBe(1);
    expect(sealed).toHaveLength(1 + 12 + 5 + 16);
  });
});

describe('unseal', () => {
  const sealed = seal(key, Buffer.from('a recording'), context);

  test.for([
    ['another voice', contexts.sample('b-voice', 'an-owner')],
    ['another owner', contexts.sample('a-voice', 'b-owner')],
    ['another purpose', contexts.handle('a-voice', 'an-owner')],
  ] as const)('refuses what was sealed for %s', ([, other]) => {
    expect(() => unseal(key, sealed, other)).toThrow();
  });

  test('refuses another key, and any bit that was changed', () => {
    expect(() => unseal(randomBytes(32), sealed, context)).toThrow();
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = Buffer.from(sealed);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => unseal(key, changed, context), `byte ${index}`).toThrow();
    }
  });

  test('refuses what was cut short', () => {
    for (let length = 0; length < sealed.length; length += 1)
      expect(() => unseal(key, sealed.subarray(0, length), context), `${length}`).toThrow();
  });
});
