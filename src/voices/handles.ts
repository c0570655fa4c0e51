import type { Logger } from 'pino';
import { abortable } from '../domain/abortable.ts';
import { UserError } from '../domain/errors.ts';
import { createRecent } from '../domain/recent.ts';
import { type Clock, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import type { Voice } from '../domain/voice.ts';
import { keepBooks } from '../store/bookkeeping.ts';
import type { Store } from '../store/store.ts';
import type { Catalogue } from '../venice/catalogue.ts';
import { VeniceError } from '../venice/errors.ts';
import { isRefusedByProvider } from './refused-recording.ts';
import type { Uploads } from './uploads.ts';
import type { VoiceEvent } from './voice-event.ts';

/** The provider's copies of voices, renewed from the kept recording when they lapse. */
export interface Handles {
  /**
   * Runs `use` with a live handle of the voice. A handle that lapsed by our clock is renewed first;
   * one that the provider calls dead is renewed once and `use` repeated once. What it refuses after
   * that may be the words as well: the voice is not renewed again for ten minutes.
   * @param options.line the line that it is for, to tell one that fails from several.
   * @throws UserError E_VOICE_LAPSED when it cannot be renewed from its recording, E_VOICE_MODEL,
   * E_VOICE_REFUSED.
   */
  use<T>(
    voice: Voice,
    use: (handle: string) => Promise<T>,
    options: { line: string; signal: AbortSignal },
  ): Promise<T>;
}

/** A handle this close to its end may lapse on the way. */
const MARGIN_MS = 5 * MINUTE_MS;
/** One renewal of a voice in this time: a handle that dies at once again has another cause. */
const RENEWAL_PAUSE_MS = 10 * MINUTE_MS;

/** So many lines that are refused one after the other are hardly all the fault of their words. */
const LINES_TO_TELL = 3;

/** A use is noted once in this time: nothing that counts in days needs to know it better. */
const NOTED_MS = 10 * MINUTE_MS;

export function createHandles(options: {
  store: Store;
  uploads: Uploads;
  catalogue: Catalogue;
  /** Aborted when the process stops. */
  stopping: AbortSignal;
  onEvent: (event: VoiceEvent) => void;
  clock: Clock;
  log: Logger;
}): Handles {
  const { store, uploads, catalogue, stopping, onEvent, clock, log } = options;
  const renewing = new Map<string, Promise<string>>();
  const renewed = createRecent({ lifeMs: RENEWAL_PAUSE_MS, clock });
  const refusedRecordings = createRecent({ lifeMs: RENEWAL_PAUSE_MS, clock });
  /** The first few lines of a voice that were refused since it last spoke. */
  const refusedLines = new Map<string, Set<string>>();

  return {
    async use(voice, use, { line, signal }) {
      const handle = await store.voices.readHandle(voice.id);
      const isLive = handle !== undefined && handle.expiresAt - MARGIN_MS > clock();
      const first = isLive ? handle.id : await renew(voice, signal);
      const result = await use(first)
        .catch(async (error: unknown) => {
          const other = isDead(error) ? await replaceDead(voice, first, signal) : undefined;
          if (other === undefined) throw error;
          return await use(other);
        })
        .catch((error: unknown) => {
          throw isDead(error) ? refused(voice, line, error) : error;
        });
      refusedLines.delete(voice.id);
      // A write to disk takes milliseconds that the first sound would wait for.
      if (voice.lastUsedAt + NOTED_MS < clock()) setTimeout(() => void markUsed(voice), SECOND_MS);
      return result;
    },
  };

  /**
   * Another line may have found it dead before this one, and renewed it already.
   * @returns undefined where a further renewal would not help. The handle stays: the next line may
   * be taken.
   */
  async function replaceDead(
    voice: Voice,
    dead: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const stored = await store.voices.readHandle(voice.id);
    if (stored && stored.id !== dead) return stored.id;
    if (renewed.has(voice.id)) return undefined;
    return await renew(voice, signal);
  }

  /** Counts the line, however many pieces of it are refused, and tells once of too many lines. */
  function refused(voice: Voice, line: string, cause: VeniceError): UserError {
    const lines = refusedLines.get(voice.id) ?? new Set();
    if (lines.size < LINES_TO_TELL && !lines.has(line)) {
      refusedLines.set(voice.id, lines.add(line));
      if (lines.size === LINES_TO_TELL) onEvent({ type: 'voice-refused', voice });
    }
    return new UserError({ code: 'E_VOICE_REFUSED', name: voice.name }, { cause });
  }

  /**
   * Lines of one voice that find it lapsed at the same time share one upload, which goes on when
   * the line that began it is skipped.
   */
  async function renew(voice: Voice, signal: AbortSignal): Promise<string> {
    const work = renewing.get(voice.id) ?? upload(voice);
    renewing.set(voice.id, work);
    const done = () => renewing.delete(voice.id);
    work.then(done, done);
    return await abortable(work, signal);
  }

  async function upload(voice: Voice): Promise<string> {
    const cloning = catalogue.find(voice.model)?.cloning;
    if (!cloning)
      throw new UserError({
        code: 'E_VOICE_MODEL',
        name: voice.name,
        model: voice.model,
        retiredAt: catalogue.retirements().get(voice.model)?.at,
      });
    const wav = await store.voices.readSample(voice.id);
    const { name } = voice;
    if (!wav) throw new UserError({ code: 'E_VOICE_LAPSED', name, why: 'no-sample' });
    if (refusedRecordings.has(voice.id))
      throw new UserError({ code: 'E_VOICE_LAPSED', name, why: 'refused' });
    const renewal = { kind: 'renewal', name, member: voice.owner, voice: voice.id } as const;
    const handle = await uploads
      .upload({ model: voice.model, wav }, { ...renewal, terms: cloning }, { signal: stopping })
      .catch((error: unknown) => {
        if (!isRefusedByProvider(error)) throw error;
        refusedRecordings.add(voice.id);
        throw new UserError({ code: 'E_VOICE_LAPSED', name, why: 'refused' }, { cause: error });
      });
    // It is paid and speaks, noted or not.
    const note = () => store.voices.replaceHandle(voice.id, handle);
    await keepBooks(note, { missing: 'a renewed handle was not kept', log });
    renewed.add(voice.id);
    log.info({ voice: voice.id }, 'renewed a lapsed handle');
    return handle.id;
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

function isDead(error: unknown): error is VeniceError {
  return error instanceof VeniceError && error.kind === 'handle-dead';
}
