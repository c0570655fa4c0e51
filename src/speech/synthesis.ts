import type { Logger } from 'pino';
import { measureMp3 } from '../audio/measure-mp3.ts';
import { openMp3 } from '../audio/mp3.ts';
import { openSound, openSpeech } from '../audio/open-speech.ts';
import type { Sound } from '../audio/sound.ts';
import { countCodePoints } from '../domain/text.ts';
import type { Clock } from '../domain/time.ts';
import type { SoundCache } from '../store/sound-cache.ts';
import type { SpeechModel } from '../venice/models.ts';
import type { Till } from '../venice/till.ts';
import type { SpeechBody, Venice } from '../venice/venice.ts';
import type { Handles } from '../voices/handles.ts';
import { collectMp3, collectPcm } from './collect.ts';
import { judged, judgeMp3, secondsAllowed } from './judge.ts';
import type { Leveling } from './leveling.ts';
import { encodeFile, type Making, type SpeechFile, tagFile } from './make-file.ts';
import { askTwice } from './mend.ts';
import { joinPieces, type OpenPiece } from './pieces.ts';
import { remembered, rememberedBytes } from './remembered.ts';
import { keyOf, type SpeechRequest } from './request.ts';
import type { Tab } from './tab.ts';
import type { Destination, Way } from './ways.ts';

/** The provider's sound of a whole line, piece by piece; what is remembered is not asked for again. */
export interface Synthesis {
  /** Of all pieces, one after the other. @throws UserError, VeniceError, NotAudioError. */
  sound(job: Job, options: { signal: AbortSignal; live?: { isHeard(): boolean } }): Promise<Sound>;
  /** All of the text as the provider's own mp3, tagged. @throws as `sound` does. */
  mp3(job: Job, making: Making): Promise<SpeechFile>;
}

/** What the calls for one line have in common. */
export interface Job {
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

export function createSynthesis(options: {
  venice: Pick<Venice, 'speak'>;
  handles: Handles;
  leveling: Leveling;
  cache: SoundCache;
  clock: Clock;
  log: Logger;
}): Synthesis {
  const { venice, handles, leveling, cache, clock, log } = options;

  return {
    async sound(job, options) {
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
    },

    async mp3(job, making) {
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
    },
  };

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
