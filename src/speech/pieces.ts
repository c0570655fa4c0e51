import { fadeEdges } from '../audio/fade.ts';
import { NotAudioError } from '../audio/not-audio-error.ts';
import type { PcmStream } from '../audio/pcm.ts';
import { readAhead } from '../domain/read-ahead.ts';
import { VeniceError, type VeniceErrorKind } from '../venice/errors.ts';

/** Asks for the sound of a piece; resolves with its first samples. */
export type OpenPiece = (piece: string, options: { signal: AbortSignal }) => Promise<PcmStream>;

/** How many pieces are fetched while the one before them is heard. */
const AHEAD = 3;

/**
 * The sound of all pieces, one after the other: the first as it arrives, the next ones fetched once
 * it does, so that they are there when their turn comes. One that fails before its turn is asked
 * for once more. Leaving the stream, or a failure, ends the calls that are under way.
 * @throws what `open` throws for the first piece; for a later one while the chunks are read.
 */
export async function joinPieces(
  pieces: readonly string[],
  open: OpenPiece,
  { signal: caller }: { signal: AbortSignal },
): Promise<PcmStream> {
  const leave = new AbortController();
  const signal = AbortSignal.any([caller, leave.signal]);
  const [head = '', ...rest] = pieces;
  const first = await open(head, { signal });
  const { sampleRate } = first;

  async function* chunks(): AsyncGenerator<Int16Array> {
    const ahead: AsyncIterable<Int16Array>[] = [];
    const fetchMore = () => {
      while (ahead.length < AHEAD) {
        const piece = rest.shift();
        if (piece === undefined) return;
        const fetch = () => chunksOf(open(piece, { signal }), sampleRate);
        ahead.push(readAhead(fetch, mayPass));
      }
    };
    try {
      fetchMore();
      let current = first.chunks;
      for (let isFirst = true; ; isFirst = false) {
        const next = ahead.shift();
        yield* fadeEdges(current, sampleRate, { in: !isFirst, out: next !== undefined });
        if (next === undefined) return;
        fetchMore();
        current = next;
      }
    } finally {
      leave.abort();
    }
  }

  return { sampleRate, chunks: chunks() };
}

/** The chunks of a piece that must have the rate of those before it. */
async function* chunksOf(
  opening: Promise<PcmStream>,
  sampleRate: number,
): AsyncGenerator<Int16Array> {
  const stream = await opening;
  if (stream.sampleRate !== sampleRate) throw new NotAudioError('pieces of different rates');
  yield* stream.chunks;
}

/** What a second call can mend; the client itself has repeated what never began to answer. */
const PASSING: readonly VeniceErrorKind[] = ['network', 'timeout', 'bad-answer'];

function mayPass(error: unknown): boolean {
  if (error instanceof NotAudioError) return true;
  return error instanceof VeniceError && PASSING.includes(error.kind);
}
