import { encodeOpus } from '../audio/opus-encoder.ts';
import type { PcmStream } from '../audio/pcm.ts';

/**
 * Opus for the ear, of sound that is leveled on the way. What ends it too early is thrown once all
 * that came before is encoded: its last samples, faded out, would else stay behind in a frame that is
 * not full, and its listeners would hear a click.
 */
export async function* encodeLive(
  { sampleRate, chunks }: PcmStream,
  level: (sound: PcmStream) => PcmStream,
): AsyncGenerator<Uint8Array> {
  const failures: unknown[] = [];
  async function* untilFailure(): AsyncGenerator<Int16Array> {
    try {
      yield* chunks;
    } catch (error) {
      failures.push(error);
    }
  }
  yield* encodeOpus(level({ sampleRate, chunks: untilFailure() }));
  if (failures.length > 0) throw failures[0];
}
