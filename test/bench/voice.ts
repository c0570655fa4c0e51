import type { SpokenVoice } from '../../src/domain/voice.ts';

/** Whose lines are measured: nobody's. */
export const STOCK: SpokenVoice = {
  kind: 'stock',
  stock: { model: 'tts-kokoro', id: 'af_sky', name: 'Sky' },
};
