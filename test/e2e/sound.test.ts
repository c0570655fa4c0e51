import { expect, test } from 'vitest';
import { loadSynthesis } from '../venice/synthesis.ts';
import { likeness } from './sound.ts';

test('likeness tells the same speech, shifted, from other speech', async () => {
  const synthesis = await loadSynthesis();
  const said = synthesis.speak('The same words, in the same voice.', { voice: 'a' });
  const other = synthesis.speak('Something else altogether, said by somebody else.', {
    voice: 'b',
  });
  const shifted = new Int16Array(said.length + 1105);
  shifted.set(said, 1105);
  expect(likeness(shifted, said)).toBeGreaterThan(0.99);
  expect(likeness(other, said)).toBeLessThan(0.5);
});
