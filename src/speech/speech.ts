import type { Logger } from 'pino';
import { measureMp3 } from '../audio/measure-mp3.ts';
import { openMp3 } from '../audio/mp3.ts';
import { openSound, openSpeech } from '../audio/open-speech.ts';
import type { Sound } from '../audio/sound.ts';
import type { FileFormat, SpeechFiles } from '../audio/speech-file.ts';
import { UserError } from '../domain/errors.ts';
import { publicId } from '../domain/ids.ts';
import { costOf } from '../domain/money.ts';
import { countCodePoints, secondsToSay } from '../domain/text.ts';
import type { Clock } from '../domain/time.ts';
import type { SpokenVoice } from '../domain/voice.ts';
import type { Money } from '../guilds/money.ts';
import type { SoundCache } from '../store/sound-cache.ts';
import type { Catalogue } from '../venice/catalogue.ts';
import { mannerFor, type Unheeded } from '../venice/manner.ts';
import type { SpeechModel } from '../venice/models.ts';
import type { Till } from '../venice/till.ts';
import type { SpeechBody, Venice } from '../venice/venice.ts';
import type { Handles } from '../voices/handles.ts';
import { collectMp3, collectPcm } from './collect.ts';
import { encodeLive } from './encode-live.ts';
import { judged, judgeMp3, secondsAllowed } from './judge.ts';
import { createLeveling } from './leveling.ts';
import { encodeFile, type Making, type SpeechFile, tagFile } from './make-file.ts';
import { askTwice } from './mend.ts';
import { joinPieces, type OpenPiece } from './pieces.ts';
import { areRemembered, remembered, rememberedBytes } from './remembered.ts';
import { keyOf, type SpeechRequest } from './request.ts';
import { openTab, type Tab } from './tab.ts';
import { type Destination, isWholeMp3, pickWay, type Way, waysTo } from './ways.ts';

/**
 * A text whose money is reserved, spoken once, live or as a file. Disposing of it settles what its
 * calls cost and gives back the rest.
 */
export interface Utterance extends AsyncDisposable {
  readonly id: string;
  readonly characters: number;
  /** What was asked for of it and does not act on its voice's model. */
  readonly unheeded: readonly Unheeded[];
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

/** Characters of a few words. */
const SHORT_LINE = 20;

/** Text → speech. */
export interface Speech {
  /** Reserves what the text costs. @throws UserError E_BUDGET, E_CHARACTERS, E_VOICE_MODEL. */
  prepare(request: SpeechRequest): Promise<Utterance>;
  /** Whether a short line could be paid now; none is. @throws as `prepare` does. */
  checkPayable(asked: Pick<SpeechRequest, 'voice' | 'userId' | 'guildId'>): Promise<void>;
}

/** What the calls for one line have in common. */
interface Job {
  readonly id: string;
  readonly request: SpeechRequest;
  readonly language: string | undefined;
  readonly model: SpeechModel;
  readonly tab: Tab;
  readonly destination: Destination;
  readonly way: Way;
}

/** A part of its text, and where the calls for it are charged. */
interface Piece {
  readonly text: string;
  readonly till: Till;
}

export function createSpeech(options: {
  venice: Pick<Venice, 'speak' | 'requestsLeft'>;
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
    async checkPayable({ voice, ...whose }) {
      const price = modelOf(voice, catalogue).microUsdPerMillion;
      const microUsd = costOf(SHORT_LINE, price);
      await money.check({ ...whose, characters: SHORT_LINE, microUsd });
    },

    async prepare(asked) {
      const { text, voice, guildId, userId, requester } = asked;
      const id = publicId();
      const model = modelOf(voice, catalogue);
      const language = voice.kind === 'own' ? voice.voice.language : undefined;
      const { sent, unheeded } = mannerFor(model, { ...asked, language });
      const { speed, temperature } = sent;
      // What does not act is neither sent nor part of what the sound is remembered by.
      const request = { ...asked, speed, temperature };
      const characters = countCodePoints(text);
      const line = { id, guildId, userId, member: requester, characters };
      const isFree = (await findKnown(request, waysTo('live', text, model))) !== undefined;
      const tab = await openTab(money, line, { price: model.microUsdPerMillion, isFree });
      const jobFor = async (destination: Destination): Promise<Job> => {
        const way = await findWay(request, model, waysTo(destination, text, model));
        return { id, request, language: sent.language, model, tab, destination, way };
      };

      return {
        id,
        characters,
        unheeded: unheeded.filter(({ what }) => what !== 'language'),
        seconds: secondsToSay(text, speed),
        async *live({ signal }) {
          let isHeard = false;
          const live = { isHeard: () => isHeard };
          const sound = await join(await jobFor('live'), { signal, live });
          const packets =
            sound.kind === 'opus'
              ? sound.packets
              : encodeLive(sound, (pcm) => leveling.live(pcm, request.voice));
          for await (const packet of packets) {
            isHeard = true;
            yield packet;
          }
        },

        async file(format, { signal }) {
          const making = { files, id, signal };
          const job = await jobFor(format === 'mp3' ? 'mp3' : 'file');
          if (format === 'mp3' && isWholeMp3(job.way)) return await readMp3(job, making);
          const sound = await join(job, { signal });
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
  async function findWay(
    request: SpeechRequest,
    model: SpeechModel,
    ways: readonly Way[],
  ): Promise<Way> {
    const known = await findKnown(request, ways);
    return known ?? pickWay(ways, { isSparing: venice.requestsLeft(model.id) < 2 });
  }

  /** The first of the ways all of which is remembered, so that nothing needs to be paid. */
  async function findKnown(request: SpeechRequest, ways: readonly Way[]): Promise<Way | undefined> {
    for (const way of ways) {
      const keys = way.pieces.map((piece) => keyOf(request, piece, way.format));
      if (await areRemembered(keys, { cache, log })) return way;
    }
    return undefined;
  }

  async function join(
    job: Job,
    options: { signal: AbortSignal; live?: { isHeard(): boolean } },
  ): Promise<Sound> {
    const { request, destination, way } = job;
    const open: OpenPiece<Piece> = async (piece, { isRepeat, signal }) => {
      const key = keyOf(request, piece.text, way.format);
      const fetch = () => speak(job, piece, signal);
      const openBody = async (body: SpeechBody) => {
        const sound = await openFor(destination, body);
        return judged(sound, secondsAllowed(piece.text, request.speed), body.heard);
      };
      return key
        ? await remembered(key, { cache, log }, { isRepeat, fetch, open: openBody })
        : await openBody(await fetch());
    };
    return await joinPieces(
      way.pieces.map((text) => pieceOf(job, text)),
      open,
      { ...options, clock },
    );
  }

  /** All of the text as the provider's own mp3, tagged. */
  async function readMp3(job: Job, making: Making): Promise<SpeechFile> {
    const { request, way } = job;
    const [text = ''] = way.pieces;
    const piece = pieceOf(job, text);
    const bounds = secondsAllowed(text, request.speed);
    const key = keyOf(request, text, way.format);
    const make = async () => collectMp3(await speak(job, piece, making.signal), bounds);
    const use = async (mp3: Uint8Array) => {
      await judgeMp3(mp3, bounds);
      if (measureMp3(mp3).channels === 1) return await tagFile(mp3, making);
      // One of its sides may be silent.
      const pcm = await leveling.whole(await collectPcm(await openMp3([mp3])), request.voice);
      return await encodeFile(pcm, 'mp3', making);
    };
    return await askTwice(async ({ isRepeat }) =>
      key
        ? await rememberedBytes(key, { cache, log }, { isRepeat, make, use })
        : await use(await make()),
    );
  }

  async function speak(
    { id, request, language, model, destination, way }: Job,
    { text: input, till }: Piece,
    signal: AbortSignal,
  ): Promise<SpeechBody> {
    const { voice, speed, temperature } = request;
    const call = (providerVoice: string) =>
      venice.speak(
        {
          model: model.id,
          voice: providerVoice,
          input,
          responseFormat: way.format,
          speed,
          temperature,
          language,
          // Sentence by sentence: its first sound comes sooner.
          streaming: destination === 'live',
        },
        { signal, till },
      );
    if (voice.kind === 'stock') return await call(voice.stock.id);
    return await handles.use(voice.voice, call, { line: id, signal });
  }
}

function pieceOf({ tab }: Job, text: string): Piece {
  return { text, till: tab.till(countCodePoints(text)) };
}

/** Opus as packets for the ear alone: what is encoded here begins with samples. */
async function openFor(
  destination: Destination,
  { chunks, contentType }: SpeechBody,
): Promise<Sound> {
  if (destination === 'live') return await openSound(chunks, contentType);
  return { kind: 'pcm', ...(await openSpeech(chunks, contentType)) };
}

/** @throws UserError E_VOICE_MODEL when the provider no longer offers the voice's model. */
function modelOf(voice: SpokenVoice, catalogue: Catalogue): SpeechModel {
  const { model: id, name } = voice.kind === 'own' ? voice.voice : voice.stock;
  const model = catalogue.find(id);
  if (model) return model;
  const retiredAt = catalogue.retirements().get(id)?.at;
  throw new UserError({ code: 'E_VOICE_MODEL', name, model: id, retiredAt });
}
