import { BREAK, fadeEdges } from '../audio/fade.ts';
import { NotAudioError } from '../audio/not-audio-error.ts';
import type { Sound } from '../audio/sound.ts';
import { pause } from '../domain/pause.ts';
import { readAhead } from '../domain/read-ahead.ts';
import { type Clock, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { VeniceError, type VeniceErrorKind } from '../venice/errors.ts';

/** Asks for the sound of a piece; resolves once it begins. */
export type OpenPiece = (piece: string, options: { signal: AbortSignal }) => Promise<Sound>;

/** How many pieces are fetched while the one before them is heard. */
const AHEAD = 3;
/** Requests are counted by the minute; who is told to come back later than that is locked out. */
const LONGEST_PAUSE_MS = MINUTE_MS + 5 * SECOND_MS;
/** What came back in time may find that others were there before. */
const MOST_PAUSES = 5;

/**
 * The sound of all pieces, one after the other: the first as it arrives, the next ones fetched once
 * it does, so that they are there when their turn comes. One of those that fails is asked for once
 * more, and goes on where it broke off; one that is told to come back soon waits that long: half of
 * the line was paid and heard. Leaving the stream, or a failure, ends the calls that are under way.
 * @throws what `open` throws for the first piece; for a later one while the sound is read, also
 * NotAudioError where it does not go together with the first.
 */
export async function joinPieces(
  pieces: readonly string[],
  open: OpenPiece,
  { signal: caller, clock }: { signal: AbortSignal; clock: Clock },
): Promise<Sound> {
  const leave = new AbortController();
  const signal = AbortSignal.any([caller, leave.signal]);
  const [head = '', ...rest] = pieces;
  const first = await open(head, { signal });

  async function openLater(piece: string): Promise<Sound> {
    for (let pauses = 0; ; pauses += 1) {
      try {
        return await open(piece, { signal });
      } catch (error) {
        const pauseMs = askableAt(error) - clock();
        if (pauses === MOST_PAUSES || pauseMs > LONGEST_PAUSE_MS) throw error;
        await pause(pauseMs, signal);
      }
    }
  }

  async function* strungTogether<T, Mark>(
    begun: AsyncIterable<T>,
    { read, sizeOf, goOn, atEdges }: Kind<T, Mark>,
  ): AsyncGenerator<T> {
    const ahead: AsyncIterable<T | Mark>[] = [];
    const fetchMore = () => {
      while (ahead.length < AHEAD) {
        const piece = rest.shift();
        if (piece === undefined) return;
        const fetch = (from: number) => {
          const items = read(openLater(piece));
          return from === 0 ? items : goOn(items, from);
        };
        ahead.push(readAhead(fetch, { mayRepeat: mayPass, sizeOf }));
      }
    };
    try {
      fetchMore();
      let current: AsyncIterable<T | Mark> = begun;
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

  if (first.kind === 'opus') return { ...first, packets: strungTogether(first.packets, PACKETS) };
  return { ...first, chunks: strungTogether(first.chunks, samplesAt(first.sampleRate)) };
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

/** What a second call can mend; the client itself has repeated what never began to answer. */
const PASSING: readonly VeniceErrorKind[] = ['network', 'timeout', 'bad-answer'];

function mayPass(error: unknown): boolean {
  if (error instanceof NotAudioError) return true;
  return error instanceof VeniceError && PASSING.includes(error.kind);
}
