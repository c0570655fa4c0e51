import type { ProviderFormat, SpeechModel } from '../venice/models.ts';

/** What the sound is for: the ear at once, a file that is encoded here, or an mp3 as it comes. */
export type Destination = 'live' | 'file' | 'mp3';

/**
 * What to ask the provider for: an mp3 where one is wanted, else what is quickest to be heard: WAV,
 * whose header carries the rate, then Opus, which is handed on, then mp3. Every model known offers
 * one of them.
 */
export function providerFormat(model: SpeechModel, destination: Destination): ProviderFormat {
  const wishes: readonly ProviderFormat[] =
    destination === 'mp3' ? ['mp3', 'wav', 'opus'] : ['wav', 'opus', 'mp3'];
  return wishes.find((format) => model.formats.includes(format)) ?? model.defaultFormat;
}
