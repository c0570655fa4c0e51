import { BREAK, fadeEdges } from '../audio/fade.ts';
import { NotAudioError, SilenceError } from '../audio/not-audio-error.ts';
import type { Sound } from '../audio/sound.ts';
import { pause } from '../domain/pause.ts';
import { type Failed, readAhead } from '../domain/read-ahead.ts';
import { type Clock, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { VeniceError, type VeniceErrorKind } from '../venice/errors.ts';
import { type Asking, askTwice, isBadAnswer } from './mend.ts';

/** Asks for the sound of a piece; resolves once it begins. */
export type OpenPiece<Piece> = (
  piece: Piece,
  options: Asking & { readonly signal: AbortSignal },
) => Promise<Sound>;

/** How many pieces are fetched while the one before them is heard. */
const AHEAD = 3;
/** Requests are counted by the minute; who is told to come back later than that is locked out. */
const LONGEST_PAUSE_MS = MINUTE_MS + 5 * SECOND_MS;
/** What came back in time may find that others were there before. */
const MOST_PAUSES = 5;

/**
 * The sound of all pieces, one after the other: the first as it arrives, the next ones fetched once
 * it does, so that they are there when their turn comes. One that fails is asked for once more, and
 * goes on where it broke off: the first only as long as nothing of it was heard, which is soon. One of
 * the next that is told to come back in a moment waits that long: half of the line was paid and heard.
 * Leaving the stream, or a failure, ends the calls that are under way.
 * @param options.live where it is heard as it comes; else each piece is handed on once it is whole.
 * @throws what `open` throws for the first piece; for a later one while the sound is read, also
 * NotAudioError where it does not go together with the first.
 */
export async function joinPieces<Piece>(
  pieces: readonly Piece[],
  open: OpenPiece<Piece>,
  options: { signal: AbortSignal; clock: Clock; live?: { isHeard(): boolean } | undefined },
): Promise<Sound> {
  const { signal: caller, clock, live } = options;
  const leave = new AbortController();
  const signal = AbortSignal.any([caller, leave.signal]);
  const [head, ...rest] = pieces;
  if (head === undefined) throw new Error('A line without a piece');
  let isMended = false;
  const openFirst = (asking: Asking) => {
    isMended = asking.isRepeat;
    return open(head, { ...asking, signal });
  };
  const first = await askTwice(openFirst);

  /** Whether the first may be asked for again. What of it was only silence was not heard. */
  function mayMend(error: unknown): boolean {
    if (isMended) return false;
    if (!live) return mayPass(error);
    return isBadAnswer(error) && (error instanceof SilenceError || !live.isHeard());
  }

  async function openLater(piece: Piece, asking: Asking): Promise<Sound> {
    for (let pauses = 0; ; pauses += 1) {
      try {
        return await open(piece, { ...asking, signal });
      } catch (error) {
        const pauseMs = askableAt(error) - clock();
        if (pauses === MOST_PAUSES || pauseMs > LONGEST_PAUSE_MS) throw error;
        await pause(pauseMs, signal);
      }
    }
  }

  async function* strungTogether<T, Mark>({
    read,
    sizeOf,
    goOn,
    atEdges,
  }: Kind<T, Mark>): AsyncGenerator<T> {
    const fetch = (
      openSound: (asking: Asking) => Promise<Sound>,
      mayRepeat: (error: unknown) => boolean,
    ) => {
      const openItems = (failed?: Failed) => {
        const items = read(openSound({ isRepeat: failed !== undefined }));
        if (!live) return atOnce(items);
        const isNew = !failed || failed.read === 0 || failed.after instanceof SilenceError;
        return isNew ? items : goOn(items, failed.read);
      };
      return readAhead<T | Mark>(openItems, { mayRepeat, sizeOf });
    };
    const ahead: AsyncIterable<T | Mark>[] = [];
    const fetchMore = () => {
      for (const piece of rest.splice(0, AHEAD - ahead.length))
        ahead.push(fetch((asking) => openLater(piece, asking), mayPass));
    };
    try {
      fetchMore();
      const goOnWithFirst = (asking: Asking) =>
        asking.isRepeat ? openFirst(asking) : Promise.resolve(first);
      let current = fetch(goOnWithFirst, mayMend);
      for (let isFirst = true; ; isFirst = false) {
        const next = ahead.shift();
        yield* atEdges(current, { in: !isFirst, out: next !== undefined });
        if (next === undefined) return;
        fetchMore();
        current = next;
      }
    } finally {
      leave.abort();
    }
  }

  if (first.kind === 'opus') return { ...first, packets: strungTogether(PACKETS) };
  return { ...first, chunks: strungTogether(samplesAt(first.sampleRate)) };
}

/** What pieces of one kind consist of, and how they follow each other; a mark is no part of the sound. */
interface Kind<T, Mark = never> {
  read(opening: Promise<Sound>): AsyncIterable<T>;
  sizeOf(item: T | Mark): number;
  /** Without so much of it, which was read before it broke off. */
  goOn(items: AsyncIterable<T>, from: number): AsyncIterable<T | Mark>;
  atEdges(items: AsyncIterable<T | Mark>, edges: { in: boolean; out: boolean }): AsyncIterable<T>;
}

const PACKETS: Kind<Uint8Array> = {
  async *read(opening) {
    const sound = await opening;
    if (sound.kind !== 'opus') throw new NotAudioError('pieces of different kinds');
    yield* sound.packets;
  },
  sizeOf: () => 1,
  async *goOn(packets, from) {
    let at = 0;
    for await (const packet of packets) {
      if (at >= from) yield packet;
      at += 1;
    }
  },
  atEdges: (packets) => packets,
};

function samplesAt(sampleRate: number): Kind<Int16Array, typeof BREAK> {
  return {
    async *read(opening) {
      const sound = await opening;
      if (sound.kind !== 'pcm' || sound.sampleRate !== sampleRate)
        throw new NotAudioError('pieces of different kinds or rates');
      yield* sound.chunks;
    },
    sizeOf: (item) => (item === BREAK ? 0 : item.length),
    async *goOn(chunks, from) {
      yield BREAK;
      yield* withoutStart(chunks, from);
    },
    atEdges: (chunks, edges) => fadeEdges(chunks, sampleRate, edges),
  };
}

/** The same items, once all of them are here. */
async function* atOnce<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  yield* await Array.fromAsync(items);
}

async function* withoutStart(
  chunks: AsyncIterable<Int16Array>,
  samples: number,
): AsyncGenerator<Int16Array> {
  let left = samples;
  for await (const chunk of chunks) {
    if (chunk.length > left) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

/** When a call that came too soon may be made again; never where another would not help. */
function askableAt(error: unknown): number {
  const isTooSoon = error instanceof VeniceError && error.kind === 'rate-limited';
  return isTooSoon ? (error.retryAt ?? Infinity) : Infinity;
}

/** What a second call can mend where time was left: also one that never came to an end. */
function mayPass(error: unknown): boolean {
  if (isBadAnswer(error)) return true;
  return error instanceof VeniceError && PASSING.includes(error.kind);
}

const PASSING: readonly VeniceErrorKind[] = ['network', 'timeout'];
