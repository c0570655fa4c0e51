import type { Logger } from 'pino';
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
import type { Venice } from '../venice/venice.ts';
import type { Handles } from '../voices/handles.ts';
import { collectPcm } from './collect.ts';
import { encodeLive } from './encode-live.ts';
import { createLeveling } from './leveling.ts';
import { encodeFile, type SpeechFile } from './make-file.ts';
import { areRemembered } from './remembered.ts';
import { keyOf, type SpeechRequest } from './request.ts';
import { createSynthesis, type Job } from './synthesis.ts';
import { openTab } from './tab.ts';
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
  const synthesis = createSynthesis({ venice, handles, leveling, cache, clock, log });

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
          const sound = await synthesis.sound(await jobFor('live'), { signal, live });
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
          if (format === 'mp3' && isWholeMp3(job.way)) return await synthesis.mp3(job, making);
          const sound = await synthesis.sound(job, { signal });
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
}

/** @throws UserError E_VOICE_MODEL when the provider no longer offers the voice's model. */
function modelOf(voice: SpokenVoice, catalogue: Catalogue): SpeechModel {
  const { model: id, name } = voice.kind === 'own' ? voice.voice : voice.stock;
  const model = catalogue.find(id);
  if (model) return model;
  const retiredAt = catalogue.retirements().get(id)?.at;
  throw new UserError({ code: 'E_VOICE_MODEL', name, model: id, retiredAt });
}
