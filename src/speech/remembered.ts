import type { Logger } from 'pino';
import { joinSamples, type PcmStream } from '../audio/pcm.ts';
import { openWav, writeWav } from '../audio/wav.ts';
import type { SoundCache, SoundKey } from '../store/sound-cache.ts';

interface Memory {
  readonly cache: SoundCache;
  readonly log: Logger;
}

/** The sound from the cache, or else from `make`, and then kept once all of it was read. */
export async function remembered(
  key: SoundKey,
  { cache, log }: Memory,
  make: () => Promise<PcmStream>,
): Promise<PcmStream> {
  const known = await recall(key, { cache, log });
  if (known) return await openWav(once(known));
  const { sampleRate, chunks } = await make();

  async function* kept(): AsyncGenerator<Int16Array> {
    const heard: Int16Array[] = [];
    for await (const chunk of chunks) {
      heard.push(chunk);
      yield chunk;
    }
    keep(key, writeWav({ sampleRate, samples: joinSamples(heard) }), { cache, log });
  }
  return { sampleRate, chunks: kept() };
}

/** The same for bytes that are of use only as a whole: kept once they were of use. */
export async function rememberedBytes<T>(
  key: SoundKey,
  memory: Memory,
  make: () => Promise<Uint8Array>,
  use: (bytes: Uint8Array) => Promise<T>,
): Promise<T> {
  const known = await recall(key, memory);
  if (known) return await use(known);
  const bytes = await make();
  const used = await use(bytes);
  keep(key, bytes, memory);
  return used;
}

/** Whether all of them are; the first that is not is the last that is looked for. */
export async function areRemembered(
  keys: readonly (SoundKey | undefined)[],
  { cache, log }: Memory,
): Promise<boolean> {
  try {
    for (const key of keys) if (!key || !(await cache.has(key))) return false;
    return true;
  } catch (error) {
    log.warn({ err: error }, 'the cache could not be asked');
    return false;
  }
}

/** A cache that fails is a cache that does not know. */
async function recall(key: SoundKey, { cache, log }: Memory): Promise<Uint8Array | undefined> {
  try {
    return await cache.read(key);
  } catch (error) {
    log.warn({ err: error }, 'a sound could not be read from the cache');
    return undefined;
  }
}

/** Nobody waits for it, and nobody hears of its failure but the log. */
function keep(key: SoundKey, bytes: Uint8Array, { cache, log }: Memory): void {
  cache.write(key, bytes).catch((error: unknown) => {
    log.warn({ err: error }, 'a sound could not be kept in the cache');
  });
}

async function* once<T>(item: T): AsyncGenerator<T> {
  yield item;
}
