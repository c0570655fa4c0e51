import { joinSamples, type Pcm, type PcmStream } from '../audio/pcm.ts';
import { SECOND_MS } from '../domain/time.ts';
import type { SpeechBody } from '../venice/venice.ts';
import { type Bounds, tooLong } from './judge.ts';

/** The most bytes a second of mp3 can have, and the least that sounds well: 320 and 32 kbit/s. */
const MAX_MP3_BYTES_PER_SECOND = 40_000;
const MIN_MP3_BYTES_PER_SECOND = 4_000;

/** The whole speech in one piece. */
export async function collectPcm({ sampleRate, chunks }: PcmStream): Promise<Pcm> {
  return { sampleRate, samples: joinSamples(await Array.fromAsync(chunks)) };
}

/** The whole body in one piece, an mp3. @throws NotAudioError when it is absurdly long. */
export async function collectMp3(
  { chunks, heard }: SpeechBody,
  { most }: Bounds,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.byteLength;
    if (length > most * MAX_MP3_BYTES_PER_SECOND) throw tooLong();
    heard((chunk.byteLength * SECOND_MS) / MIN_MP3_BYTES_PER_SECOND);
    parts.push(chunk);
  }
  return Buffer.concat(parts, length);
}
