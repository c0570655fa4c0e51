import type { Logger } from 'pino';
import type { Sound } from '../audio/sound.ts';
import type { SoundCache, SoundKey } from '../store/sound-cache.ts';
import type { SpeechBody } from '../venice/venice.ts';
import type { Asking } from './mend.ts';

interface Memory {
  readonly cache: SoundCache;
  readonly log: Logger;
}

/** Eleven minutes of WAV as providers send it; what is larger is not kept. */
const MAX_BYTES = 32 * 1024 * 1024;

/** What is remembered is opened as what the provider sends is. */
type OpenSound = (body: SpeechBody) => Promise<Sound>;

/**
 * The sound from the cache, or else from what `fetch` gives, the bytes of which are then kept as they
 * came, once all of it was read. A repeat is never from the cache: what was there was no good.
 */
export async function remembered(
  key: SoundKey,
  { cache, log }: Memory,
  { isRepeat, fetch, open }: Asking & { fetch: () => Promise<SpeechBody>; open: OpenSound },
): Promise<Sound> {
  const known = isRepeat ? undefined : await recall(key, { cache, log });
  if (known) return await open(bodyOf(known));
  const body = await fetch();
  const heard: Uint8Array[] = [];
  const sound = await open({ ...body, chunks: noted(body.chunks, heard) });

  async function* kept<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    yield* items;
    if (heard.length > 0) keep(key, Buffer.concat(heard), { cache, log });
  }
  return sound.kind === 'opus'
    ? { ...sound, packets: kept(sound.packets) }
    : { ...sound, chunks: kept(sound.chunks) };
}

interface BytesSource<T> {
  make(): Promise<Uint8Array>;
  use(bytes: Uint8Array): Promise<T>;
}

/** The same for bytes that are of use only as a whole: kept once they were of use. */
export async function rememberedBytes<T>(
  key: SoundKey,
  memory: Memory,
  { isRepeat, make, use }: Asking & BytesSource<T>,
): Promise<T> {
  const known = isRepeat ? undefined : await recall(key, memory);
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

/** Notes what passes, or in the end nothing, where it is more than any speech. */
async function* noted(
  bytes: AsyncIterable<Uint8Array>,
  heard: Uint8Array[],
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of bytes) {
    size += piece.byteLength;
    if (size <= MAX_BYTES) heard.push(piece);
    else heard.length = 0;
    yield piece;
  }
}

/** Bytes that are all here, as if they came from the provider. */
function bodyOf(bytes: Uint8Array): SpeechBody {
  async function* chunks() {
    yield bytes;
  }
  return { chunks: chunks(), contentType: 'application/octet-stream', heard: () => undefined };
}
