import { openSpeech } from '../audio/open-speech.ts';
import type { FileFormat, SpeechFiles } from '../audio/speech-file.ts';
import { drawWaveform } from '../audio/waveform.ts';
import type { SpeechBody } from '../venice/venice.ts';
import { collectBytes, collectPcm } from './collect.ts';

export interface SpeechFile {
  readonly bytes: Uint8Array;
  readonly filename: string;
  /** Known where the sound was encoded here: what a native voice message needs. */
  readonly sound: { readonly seconds: number; readonly waveform: string } | undefined;
}

/**
 * Turns the provider's answer into a tagged file; an mp3 is tagged as it is.
 * @param maxSeconds longer than this is no speech of its text. @throws NotAudioError.
 */
export async function makeFile(
  body: SpeechBody,
  format: FileFormat,
  {
    files,
    id,
    maxSeconds,
    signal,
  }: {
    files: SpeechFiles;
    id: string;
    maxSeconds: number;
    signal: AbortSignal;
  },
): Promise<SpeechFile> {
  const filename = `ai-voice-${id}.${format}`;
  const tags = {
    title: 'AI voice',
    comment: `AI-generated voice, made by Myna. Utterance ${id}.`,
    AI_GENERATED: 'true',
    UTTERANCE: id,
  };
  if (format === 'mp3' && isMp3(body.contentType)) {
    const bytes = await collectBytes(body.chunks, maxSeconds);
    return { bytes: await files.tag(bytes, tags, { signal }), filename, sound: undefined };
  }
  const stream = await openSpeech(body.chunks, body.contentType);
  const pcm = await collectPcm(stream, maxSeconds);
  const sound = {
    seconds: pcm.samples.length / pcm.sampleRate,
    waveform: drawWaveform(pcm),
  };
  return { bytes: await files.encode(pcm, format, tags, { signal }), filename, sound };
}

function isMp3(contentType: string): boolean {
  return /^audio\/(mpeg|mp3)\b/i.test(contentType);
}
