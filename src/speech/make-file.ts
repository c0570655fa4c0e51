import type { Pcm } from '../audio/pcm.ts';
import type { FileFormat, SpeechFiles } from '../audio/speech-file.ts';
import { drawWaveform } from '../audio/waveform.ts';

/** Speech as a tagged file. */
export interface SpeechFile {
  readonly bytes: Uint8Array;
  readonly filename: string;
  /** Known where the sound was encoded here: what a native voice message needs. */
  readonly sound: { readonly seconds: number; readonly waveform: string } | undefined;
}

/** What it takes to make one. */
export interface Making {
  readonly files: SpeechFiles;
  readonly id: string;
  readonly signal: AbortSignal;
}

/** @throws NotAudioError. */
export async function encodeFile(
  pcm: Pcm,
  format: FileFormat,
  { files, id, signal }: Making,
): Promise<SpeechFile> {
  const sound = { seconds: pcm.samples.length / pcm.sampleRate, waveform: drawWaveform(pcm) };
  const bytes = await files.encode(pcm, format, tagsOf(id), { signal });
  return { bytes, filename: nameOf(id, format), sound };
}

/** An mp3 of the provider's as it is, with our tags. @throws NotAudioError when it is none. */
export async function tagFile(mp3: Uint8Array, { files, id, signal }: Making): Promise<SpeechFile> {
  const bytes = await files.tag(mp3, tagsOf(id), { signal });
  return { bytes, filename: nameOf(id, 'mp3'), sound: undefined };
}

/** The utterance that a file of ours was made of, by its name. */
export function utteranceOf(filename: string): string | undefined {
  return /^ai-voice-(\w+)\.\w+$/.exec(filename)?.[1];
}

function nameOf(id: string, format: FileFormat): string {
  return `ai-voice-${id}.${format}`;
}

function tagsOf(id: string): Readonly<Record<string, string>> {
  return {
    title: 'AI voice',
    comment: `AI-generated voice, made by Myna. Utterance ${id}.`,
    AI_GENERATED: 'true',
    UTTERANCE: id,
  };
}
