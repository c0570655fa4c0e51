import { createRequire } from 'node:module';
import { vi } from 'vitest';
import type { VoiceWorld } from './voice-world.ts';

const { DAVESession } = createRequire(import.meta.url)('@snazzah/davey') as {
  DAVESession: { prototype: { processProposals(...message: readonly unknown[]): unknown } };
};

/**
 * Has the bot get an end-to-end encryption message that its library refuses, as it does one that makes
 * no sense. What is sent is harmless; only what the library throws is as it would be.
 */
export async function refuseMessage({ voice }: VoiceWorld): Promise<void> {
  const { promise: isRefused, resolve } = Promise.withResolvers<void>();
  using process = vi.spyOn(DAVESession.prototype, 'processProposals');
  process.mockImplementationOnce(() => {
    resolve();
    throw Object.assign(new Error('Failed to process proposals'), { code: 'GenericFailure' });
  });
  voice.bots[0]?.proposeNothing();
  await isRefused;
}
