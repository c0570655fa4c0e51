import { openMp3 } from './mp3.ts';
import { NotAudioError } from './not-audio-error.ts';
import type { PcmStream } from './pcm.ts';
import { openWav } from './wav.ts';

/**
 * Opens the body of a speech answer as sound, as it arrives, never waiting for the whole.
 * @param contentType what the provider calls it.
 * @throws NotAudioError when it is neither WAV nor mp3, also while the chunks are read.
 */
export async function openSpeech(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
): Promise<PcmStream> {
  const [type = ''] = contentType.toLowerCase().split(';');
  switch (type.trim()) {
    case 'audio/wav':
    case 'audio/x-wav':
    case 'audio/wave':
    case 'audio/vnd.wave':
      return await openWav(body);
    case 'audio/mpeg':
    case 'audio/mp3':
      return await openMp3(body);
    default:
      throw new NotAudioError(`content of the type ${type.slice(0, 64)}`);
  }
}
