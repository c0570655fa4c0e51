import { fadeEdges } from '../audio/fade.ts';
import { NotAudioError } from '../audio/not-audio-error.ts';
import type { PcmStream } from '../audio/pcm.ts';
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
        ahead.push(readAhead(() => open(piece, { signal }), sampleRate));
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

/** Fetches a piece at once, however late it is read; once more if it fails before it is. */
function readAhead(open: () => Promise<PcmStream>, sampleRate: number): AsyncIterable<Int16Array> {
  const arrived: Int16Array[] = [];
  let isRead = false;
  let news = Promise.withResolvers<void>();

  async function fetch(): Promise<void> {
    const stream = await open();
    if (stream.sampleRate !== sampleRate) throw new NotAudioError('pieces of different rates');
    for await (const chunk of stream.chunks) {
      arrived.push(chunk);
      news.resolve();
    }
  }

  async function fetchTwice(): Promise<void> {
    try {
      await fetch();
    } catch (error) {
      if (isRead || !mayPass(error)) throw error;
      arrived.length = 0;
      await fetch();
    }
  }

  let isDone = false;
  const all = fetchTwice().finally(() => {
    isDone = true;
    news.resolve();
  });
  // It is met by whoever reads; a piece that is never read may fail in silence.
  all.catch(() => undefined);

  return (async function* () {
    for (;;) {
      const chunk = arrived.shift();
      if (chunk) {
        isRead = true;
        yield chunk;
      } else if (isDone) return await all;
      else {
        await news.promise;
        news = Promise.withResolvers();
      }
    }
  })();
}

/** What a second call can mend; the client itself has repeated what never began to answer. */
const PASSING: readonly VeniceErrorKind[] = ['network', 'timeout', 'bad-answer'];

function mayPass(error: unknown): boolean {
  if (error instanceof NotAudioError) return true;
  return error instanceof VeniceError && PASSING.includes(error.kind);
}
