import type { ProviderFormat, SpeechModel } from '../venice/models.ts';

/** What the sound is for: the ear at once, a file that is encoded here, or an mp3 as it comes. */
export type Destination = 'live' | 'file' | 'mp3';

/**
 * What to ask the provider for: what needs no conversion if the model offers it, else WAV, whose
 * header carries the rate, else mp3. Every model known offers one of the two.
 */
export function providerFormat(model: SpeechModel, destination: Destination): ProviderFormat {
  const wishes: readonly ProviderFormat[] = destination === 'mp3' ? ['mp3', 'wav'] : ['wav', 'mp3'];
  return wishes.find((format) => model.formats.includes(format)) ?? model.defaultFormat;
}
