import type { Logger } from 'pino';
import { openSound, openSpeech } from '../audio/open-speech.ts';
import type { Sound } from '../audio/sound.ts';
import type { FileFormat, SpeechFiles } from '../audio/speech-file.ts';
import { UserError } from '../domain/errors.ts';
import { type MemberRef, publicId, type Snowflake } from '../domain/ids.ts';
import { countCodePoints, secondsToSay } from '../domain/text.ts';
import type { Clock } from '../domain/time.ts';
import type { SpokenVoice } from '../domain/voice.ts';
import type { Money } from '../guilds/money.ts';
import type { SoundCache, SoundKey } from '../store/sound-cache.ts';
import type { Catalogue } from '../venice/catalogue.ts';
import type { ProviderFormat, SpeechModel } from '../venice/models.ts';
import type { SpeechBody, Venice } from '../venice/venice.ts';
import { saysSoundIsKept } from '../voices/consent.ts';
import type { Handles } from '../voices/handles.ts';
import { bounded, collectBytes, collectPcm, secondsAllowed } from './collect.ts';
import { encodeLive } from './encode-live.ts';
import { createLeveling } from './leveling.ts';
import { encodeFile, type Making, type SpeechFile, tagFile } from './make-file.ts';
import { joinPieces } from './pieces.ts';
import { areRemembered, remembered, rememberedBytes } from './remembered.ts';
import { openTab, type Tab } from './tab.ts';
import { type Destination, isWholeMp3, pickWay, type Way, waysTo } from './ways.ts';

/** What is to be spoken; the text is already cleaned. */
export interface SpeechRequest {
  readonly text: string;
  readonly voice: SpokenVoice;
  readonly requester: MemberRef;
  /** The requester's account. */
  readonly userId: Snowflake;
  /** Undefined for what a member hears in private and the bot pays. */
  readonly guildId: Snowflake | undefined;
  readonly speed: number | undefined;
  readonly temperature: number | undefined;
}

/**
 * A text whose money is reserved, spoken once, live or as a file. Disposing of it settles what its
 * calls cost and gives back the rest.
 */
export interface Utterance extends AsyncDisposable {
  readonly id: string;
  readonly characters: number;
  /** About how long it takes to be heard. */
  readonly seconds: number;
  /**
   * Packets of 20 ms of Opus, for the ear; asking for the first starts the synthesis. Samples are
   * leveled and encoded, Opus of the provider's is handed on as it is.
   * @throws UserError, VeniceError, NotAudioError. The stream ends early when the signal aborts.
   */
  live(options: { signal: AbortSignal }): AsyncIterable<Uint8Array>;
  /** @throws UserError, VeniceError, NotAudioError. */
  file(format: FileFormat, options: { signal: AbortSignal }): Promise<SpeechFile>;
}

/** Text → speech. */
export interface Speech {
  /** Reserves what the text costs. @throws UserError E_BUDGET, E_CHARACTERS, E_VOICE_MODEL. */
  prepare(request: SpeechRequest): Promise<Utterance>;
}

/** What the calls for one line have in common. */
interface Job {
  readonly request: SpeechRequest;
  readonly model: SpeechModel;
  readonly tab: Tab;
  readonly destination: Destination;
  readonly way: Way;
}

export function createSpeech(options: {
  venice: Pick<Venice, 'speak' | 'status'>;
  catalogue: Catalogue;
  handles: Handles;
  money: Money;
  files: SpeechFiles;
  cache: SoundCache;
  clock: Clock;
  log: Logger;
}): Speech {
  const { venice, catalogue, handles, money, files, cache, clock, log } = options;
  const leveling = createLeveling();

  return {
    async prepare(request) {
      const { text, guildId, userId, requester } = request;
      const id = publicId();
      const model = modelOf(request.voice, catalogue);
      const characters = countCodePoints(text);
      const line = { id, guildId, userId, member: requester, characters };
      const isFree = (await findKnown(request, waysTo('live', text, model))) !== undefined;
      const tab = await openTab(money, line, { price: model.microUsdPerMillion, isFree });
      const jobFor = async (destination: Destination): Promise<Job> => {
        const way = await findWay(request, waysTo(destination, text, model));
        return { request, model, tab, destination, way };
      };

      return {
        id,
        characters,
        seconds: secondsToSay(text, request.speed),
        async *live({ signal }) {
          const sound = await join(await jobFor('live'), signal);
          if (sound.kind === 'opus') yield* sound.packets;
          else yield* encodeLive(sound, (pcm) => leveling.live(pcm, request.voice));
        },

        async file(format, { signal }) {
          const making = { files, id, signal };
          const job = await jobFor(format === 'mp3' ? 'mp3' : 'file');
          if (format === 'mp3' && isWholeMp3(job.way)) return await readMp3(job, making);
          const sound = await join(job, signal);
          if (sound.kind === 'opus') throw new Error('A file was to be made of packets');
          const pcm = await leveling.whole(await collectPcm(sound), request.voice);
          return await encodeFile(pcm, format, making);
        },

        [Symbol.asyncDispose]: () => tab.close(),
      };
    },
  };

  /**
   * What is remembered, or else the best, or one of fewer calls when hardly one can go out without
   * waiting for its turn. A piece that is forgotten before it is read is asked for, and paid.
   */
  async function findWay(request: SpeechRequest, ways: readonly Way[]): Promise<Way> {
    const known = await findKnown(request, ways);
    return known ?? pickWay(ways, { isSparing: venice.status().requestsLeft < 2 });
  }

  /** The first of the ways all of which is remembered, so that nothing needs to be paid. */
  async function findKnown(request: SpeechRequest, ways: readonly Way[]): Promise<Way | undefined> {
    for (const way of ways) {
      const keys = way.pieces.map((piece) => keyOf(request, piece, way.format));
      if (await areRemembered(keys, { cache, log })) return way;
    }
    return undefined;
  }

  async function join(job: Job, caller: AbortSignal): Promise<Sound> {
    const { request, destination, way } = job;
    return await joinPieces(
      way.pieces,
      async (piece, { signal }) => {
        const key = keyOf(request, piece, way.format);
        const fetch = () => speak(job, piece, signal);
        const open = async (body: SpeechBody) =>
          bounded(await openFor(destination, body), secondsAllowed(piece, request.speed));
        return key
          ? await remembered(key, { cache, log }, { fetch, open })
          : await open(await fetch());
      },
      { signal: caller, clock },
    );
  }

  /** All of the text as the provider's own mp3, tagged. */
  async function readMp3(job: Job, making: Making): Promise<SpeechFile> {
    const { request, way } = job;
    const [text = ''] = way.pieces;
    const bounds = secondsAllowed(text, request.speed);
    const make = async () => {
      const { chunks } = await speak(job, text, making.signal);
      return await collectBytes(chunks, bounds);
    };
    const key = keyOf(request, text, way.format);
    const tag = (mp3: Uint8Array) => tagFile(mp3, bounds, making);
    return key ? await rememberedBytes(key, { cache, log }, make, tag) : await tag(await make());
  }

  async function speak(
    { request, model, tab, destination, way }: Job,
    input: string,
    signal: AbortSignal,
  ): Promise<SpeechBody> {
    const { voice, speed, temperature } = request;
    const till = tab.till(countCodePoints(input));
    const call = (providerVoice: string) =>
      venice.speak(
        {
          model: model.id,
          voice: providerVoice,
          input,
          responseFormat: way.format,
          speed,
          temperature,
          language: voice.kind === 'own' ? voice.voice.language : undefined,
          // Sentence by sentence: its first sound comes sooner.
          streaming: destination === 'live',
        },
        { signal, till },
      );
    if (voice.kind === 'stock') return await call(voice.stock.id);
    return await handles.use(voice.voice, call, { signal });
  }
}

/** Opus as packets for the ear alone: what is encoded here begins with samples. */
async function openFor(
  destination: Destination,
  { chunks, contentType }: SpeechBody,
): Promise<Sound> {
  if (destination === 'live') return await openSound(chunks, contentType);
  return { kind: 'pcm', ...(await openSpeech(chunks, contentType)) };
}

/** What a piece is remembered by; undefined where its owner keeps nothing here, or has not agreed. */
function keyOf(
  { requester, voice, speed, temperature }: SpeechRequest,
  text: string,
  format: ProviderFormat,
): SoundKey | undefined {
  const isKept =
    voice.kind === 'stock' ||
    (voice.voice.hasSample && saysSoundIsKept(voice.voice.consentVersion));
  if (!isKept) return undefined;
  const who = voice.kind === 'own' ? [voice.voice.model] : [voice.stock.model, voice.stock.id];
  return {
    member: requester,
    voice: voice.kind === 'own' ? voice.voice.id : undefined,
    recipe: JSON.stringify([format, who, text, speed ?? 1, temperature ?? null]),
  };
}

/** @throws UserError E_VOICE_MODEL when the provider no longer offers the voice's model. */
function modelOf(voice: SpokenVoice, catalogue: Catalogue): SpeechModel {
  const { model: id, name } = voice.kind === 'own' ? voice.voice : voice.stock;
  const model = catalogue.find(id);
  if (!model) throw new UserError({ code: 'E_VOICE_MODEL', name, model: id });
  return model;
}
