import { openSpeech } from '../audio/open-speech.ts';
import type { PcmStream } from '../audio/pcm.ts';
import type { FileFormat, SpeechFiles } from '../audio/speech-file.ts';
import { UserError } from '../domain/errors.ts';
import { type MemberRef, publicId, type Snowflake } from '../domain/ids.ts';
import { costOf, type MicroUsd } from '../domain/money.ts';
import { countCodePoints } from '../domain/text.ts';
import type { SpokenVoice } from '../domain/voice.ts';
import type { Money } from '../guilds/money.ts';
import type { Catalogue } from '../venice/catalogue.ts';
import { VeniceError } from '../venice/errors.ts';
import type { SpeechModel } from '../venice/models.ts';
import type { SpeechBody, Venice } from '../venice/venice.ts';
import type { Handles } from '../voices/handles.ts';
import { capped, secondsAllowed } from './collect.ts';
import { makeFile, type SpeechFile } from './make-file.ts';
import { type Destination, providerFormat } from './provider-format.ts';

/** At some nine milliseconds a character this is half of what the provider may stay silent. */
const LONG_TEXT = 1_500;

/** What is to be spoken; the text is already cleaned. */
export interface SpeechRequest {
  readonly text: string;
  readonly voice: SpokenVoice;
  readonly requester: MemberRef;
  /** Undefined for what a member hears in private and the bot pays. */
  readonly guildId: Snowflake | undefined;
  readonly speed: number | undefined;
  readonly temperature: number | undefined;
}

/**
 * A text whose money is reserved. It is spoken once, live or as a file, or dropped, which gives the
 * money back.
 */
export interface Utterance {
  readonly id: string;
  readonly characters: number;
  readonly cost: MicroUsd;
  /** @throws UserError, VeniceError, NotAudioError. The stream ends early when the signal aborts. */
  live(options: { signal: AbortSignal }): Promise<PcmStream>;
  /** @throws UserError, VeniceError, NotAudioError. */
  file(format: FileFormat, options: { signal: AbortSignal }): Promise<SpeechFile>;
  drop(): Promise<void>;
}

/** Text → speech. */
export interface Speech {
  /** Reserves what the text costs. @throws UserError E_BUDGET, E_VOICE_MODEL. */
  prepare(request: SpeechRequest): Promise<Utterance>;
}

export function createSpeech(options: {
  venice: Pick<Venice, 'speak'>;
  catalogue: Catalogue;
  handles: Handles;
  money: Money;
  files: SpeechFiles;
}): Speech {
  const { venice, catalogue, handles, money, files } = options;

  return {
    async prepare(request) {
      const id = publicId();
      const model = modelOf(request.voice, catalogue);
      const characters = countCodePoints(request.text);
      const cost = costOf(characters, model.microUsdPerMillion);
      const { guildId, requester } = request;
      const reservation = await money.reserve({
        id,
        guildId,
        member: requester,
        characters,
        microUsd: cost,
      });

      let isSpent = false;

      /**
       * Asks for the sound and works on it; whatever goes wrong then, the connection is given up.
       * Once the provider may have charged, the money is gone; before that it comes back. Reserved
       * counts as spent, so the entry is closed after the sound, not before its first byte.
       */
      async function withSound<T>(
        destination: Destination,
        caller: AbortSignal,
        work: (body: SpeechBody) => Promise<T>,
      ): Promise<T> {
        const giveUp = new AbortController();
        const signal = AbortSignal.any([caller, giveUp.signal]);
        try {
          const { contentType, chunks } = await speak(request, model, destination, signal);
          isSpent = true;
          return await work({ contentType, chunks: finishing(chunks, reservation.settle) });
        } catch (error) {
          giveUp.abort();
          isSpent ||= caller.aborted || !isFree(error);
          await (isSpent ? reservation.settle() : reservation.release());
          throw error;
        }
      }

      return {
        id,
        characters,
        cost,
        live: ({ signal }) =>
          withSound('live', signal, async ({ contentType, chunks }) =>
            capped(await openSpeech(chunks, contentType), secondsAllowed(request)),
          ),
        file: (format, { signal }) =>
          withSound(format, signal, (body) =>
            makeFile(body, format, { files, id, maxSeconds: secondsAllowed(request), signal }),
          ),
        async drop() {
          if (!isSpent) await reservation.release();
        },
      };
    },
  };

  async function speak(
    { text, voice, speed, temperature }: SpeechRequest,
    model: SpeechModel,
    destination: Destination,
    signal: AbortSignal,
  ): Promise<SpeechBody> {
    const call = (providerVoice: string) =>
      venice.speak(
        {
          model: model.id,
          voice: providerVoice,
          input: text,
          responseFormat: providerFormat(model, destination),
          speed,
          temperature,
          language: voice.kind === 'own' ? voice.voice.language : undefined,
          // A long text in one piece may take longer than the provider may stay silent.
          streaming: destination === 'live' || countCodePoints(text) > LONG_TEXT,
        },
        { signal },
      );
    if (voice.kind === 'stock') return await call(voice.stock.id);
    return await handles.use(voice.voice, call, { signal });
  }
}

/** Whether the call certainly did not reach the provider's till. */
function isFree(error: unknown): boolean {
  return error instanceof UserError || (error instanceof VeniceError && !error.isSpent);
}

/** The same chunks, with something to be done after the last, or when nobody wants more. */
async function* finishing(
  chunks: AsyncIterable<Uint8Array>,
  finish: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } finally {
    await finish();
  }
}

/** @throws UserError E_VOICE_MODEL when the provider no longer offers the voice's model. */
function modelOf(voice: SpokenVoice, catalogue: Catalogue): SpeechModel {
  const { model: id, name } = voice.kind === 'own' ? voice.voice : voice.stock;
  const model = catalogue.find(id);
  if (!model) throw new UserError({ code: 'E_VOICE_MODEL', name, model: id });
  return model;
}
