import type { Logger } from 'pino';
import { UserError } from '../domain/errors.ts';
import { type Clock, MINUTE_MS } from '../domain/time.ts';
import type { Voice } from '../domain/voice.ts';
import type { Store } from '../store/store.ts';
import type { Catalogue } from '../venice/catalogue.ts';
import { VeniceError } from '../venice/errors.ts';
import type { Venice } from '../venice/venice.ts';

/** The provider's copies of voices, renewed from the kept recording when they lapse. */
export interface Handles {
  /**
   * Runs `use` with a live handle of the voice. A handle that lapsed by our clock is renewed first;
   * one that the provider calls dead is renewed once and `use` repeated once.
   * @throws UserError E_VOICE_LAPSED when there is no recording to renew it from, E_VOICE_MODEL.
   */
  use<T>(
    voice: Voice,
    use: (handle: string) => Promise<T>,
    options: { signal: AbortSignal },
  ): Promise<T>;
}

/** A handle this close to its end may lapse on the way. */
const MARGIN_MS = 5 * MINUTE_MS;
/** One renewal of a voice in this time: a handle that dies at once again has another cause. */
const RENEWAL_PAUSE_MS = 10 * MINUTE_MS;

export function createHandles(options: {
  store: Store;
  venice: Pick<Venice, 'cloneVoice'>;
  catalogue: Catalogue;
  clock: Clock;
  log: Logger;
}): Handles {
  const { store, venice, catalogue, clock, log } = options;
  const renewing = new Map<string, Promise<string>>();
  const renewedAt = new Map<string, number>();

  return {
    async use(voice, use, { signal }) {
      const handle = await store.voices.readHandle(voice.id);
      const isLive = handle !== undefined && handle.expiresAt - MARGIN_MS > clock();
      const result = isLive
        ? await use(handle.id).catch(async (error: unknown) => {
            if (!(error instanceof VeniceError) || error.kind !== 'handle-dead') throw error;
            return await use(await renewDead(voice, signal));
          })
        : await use(await renew(voice, signal));
      // Not waited for: the sound is already arriving.
      void markUsed(voice);
      return result;
    },
  };

  async function renewDead(voice: Voice, signal: AbortSignal): Promise<string> {
    await store.voices.markHandleDead(voice.id);
    const last = renewedAt.get(voice.id) ?? 0;
    if (last + RENEWAL_PAUSE_MS > clock()) throw lapsed(voice);
    return await renew(voice, signal);
  }

  /** Lines of one voice that find it lapsed at the same time share one upload. */
  async function renew(voice: Voice, signal: AbortSignal): Promise<string> {
    const underway = renewing.get(voice.id);
    if (underway) return await underway;
    const work = upload(voice, signal).finally(() => renewing.delete(voice.id));
    renewing.set(voice.id, work);
    return await work;
  }

  async function upload(voice: Voice, signal: AbortSignal): Promise<string> {
    const cloning = catalogue.find(voice.model)?.cloning;
    if (!cloning)
      throw new UserError({ code: 'E_VOICE_MODEL', name: voice.name, model: voice.model });
    const wav = await store.voices.readSample(voice.id);
    if (!wav) throw lapsed(voice);
    const { id } = await venice.cloneVoice({ model: voice.model, wav }, { signal });
    const now = clock();
    renewedAt.set(voice.id, now);
    await store.voices.replaceHandle(voice.id, { id, expiresAt: now + cloning.retentionMs });
    log.info({ voice: voice.id }, 'renewed a lapsed handle');
    return id;
  }

  async function markUsed(voice: Voice): Promise<void> {
    const lastUsedAt = clock();
    const cloning = catalogue.find(voice.model)?.cloning;
    const renewsByUse = voice.retention === 'from-use' && cloning !== undefined;
    const expiresAt = renewsByUse ? lastUsedAt + cloning.retentionMs : undefined;
    try {
      await store.voices.touch(voice.id, { lastUsedAt, expiresAt });
    } catch (error) {
      log.warn({ err: error, voice: voice.id }, 'the use of a voice could not be noted');
    }
  }
}

function lapsed(voice: Voice): UserError {
  return new UserError({ code: 'E_VOICE_LAPSED', name: voice.name });
}
