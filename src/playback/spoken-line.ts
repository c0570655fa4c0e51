import { setTimeout as sleep } from 'node:timers/promises';
import { FRAME_MS } from '../audio/pcm.ts';
import { readAhead } from '../domain/read-ahead.ts';
import { SECOND_MS } from '../domain/time.ts';
import { toBeat } from './beat.ts';
import type { Before, Line, LineEnd } from './line.ts';
import { packPackets } from './packet-batch.ts';
import type { VoiceLink } from './voice-messages.ts';

/** A line from the moment it is queued until it has ended, in exactly one way. */
export interface SpokenLine {
  readonly line: Line;
  readonly done: Promise<LineEnd>;
  /** Fetches its sound before its turn. */
  fetch(): Promise<void>;
  /** Sends its sound on as it comes. */
  speak(): Promise<void>;
  checkRight(): Promise<void>;
  standsBehind(before: Before): void;
  /** It waits to be let: it is told of its place again once it is. */
  suppressed(): void;
  /** About how long it takes until all of it is heard. */
  secondsLeft(): number;
  started(at: number): void;
  /** Its sound came too slowly for a moment. */
  ranDry(): void;
  /** All its packets went out. */
  played(): void;
  /** Whether its sound was asked for, which may have cost something. */
  isBegun(): boolean;
  /** Whether its first packet is out. */
  isHeard(): boolean;
  /** Whether all of it is on its way to the ear. */
  isFetched(): boolean;
  hasPlayed(): boolean;
  finish(end: LineEnd): void;
}

/** Packets sent together: two seconds. */
const AT_A_TIME = 100;
/** Two seconds: more than any stall of this thread. At most this and those sent together are ahead. */
const LEAST_AHEAD = 100;

export function createSpokenLine(
  line: Line,
  options: { link: VoiceLink; onFetched: () => void; onEnd: (line: SpokenLine) => void },
): SpokenLine {
  const { link, onFetched, onEnd } = options;
  const { guildId, id: utterance } = line;
  const { promise: done, resolve } = Promise.withResolvers<LineEnd>();
  const controller = new AbortController();
  let sound: AsyncIterable<Uint8Array> | undefined;
  let place: number | undefined;
  let startedAt = 0;
  let underruns = 0;
  let isItsTurn = false;
  const turn = Promise.withResolvers<void>();
  let isFetched = false;
  /** What ended its sound too soon. */
  let failure: LineEnd | undefined;
  let isPlayed = false;
  let isOver = false;

  let unsent: Uint8Array[] = [];
  let sent = 0;

  function begin(): AsyncIterable<Uint8Array> {
    sound ??= readAhead(() => line.packets(controller), { mayRepeat: awaitTurn });
    return sound;
  }

  /** What fails while it is fetched early may have passed by the time it is needed. */
  async function awaitTurn(): Promise<boolean> {
    if (isItsTurn) return false;
    await turn.promise;
    return true;
  }

  /** The first packet goes at once; of the others all that come in one turn go together. */
  function send(packet: Uint8Array): void {
    unsent.push(packet);
    sent += 1;
    if (sent === 1 || unsent.length === AT_A_TIME) flush();
    else if (unsent.length === 1) setImmediate(flush);
  }

  /** Waits until so many packets have been heard: what is further ahead stays here. */
  async function untilPlayed(packets: number): Promise<void> {
    while (!isOver && packets > 0) {
      const waitMs = packets * FRAME_MS - playedMs();
      if (waitMs <= 0) return;
      flush();
      await sleep(toBeat(Math.min(waitMs, SECOND_MS)), undefined, { ref: false });
    }
  }

  /** Since its first packet was heard. */
  function playedMs(): number {
    return startedAt === 0 ? 0 : performance.timeOrigin + performance.now() - startedAt;
  }

  function flush(): void {
    if (unsent.length > 0 && !isOver)
      link.post({ type: 'packets', guildId, utterance, packets: packPackets(unsent) });
    unsent = [];
  }

  const spoken: SpokenLine = {
    line,
    done,

    async fetch() {
      if (sound || isOver) return;
      await spoken.checkRight();
      if (!isOver) begin();
    },

    async speak() {
      isItsTurn = true;
      try {
        await spoken.checkRight();
        if (isOver) return;
        turn.resolve();
        for await (const packet of begin()) {
          // What stands against it may have become known while the provider was at work.
          if (sent === 0) await spoken.checkRight();
          if (isOver) return;
          send(packet);
          if (sent % AT_A_TIME === 0) await untilPlayed(sent - LEAST_AHEAD);
        }
      } catch (error) {
        failure = { kind: 'failed', error };
        if (sent === 0) return spoken.finish(failure);
      }
      // Also where the rest is missing: what is here was paid, and is heard to its end.
      flush();
      if (isOver) return;
      link.post({ type: 'end', guildId, utterance });
      isFetched = true;
      onFetched();
    },

    async checkRight() {
      try {
        const objection = await line.findObjection();
        if (objection) spoken.finish({ kind: 'withdrawn', ...objection });
      } catch (error) {
        spoken.finish({ kind: 'failed', error });
      }
    },

    standsBehind(before) {
      if (before.lines !== place) line.standsBehind(before);
      place = before.lines;
    },

    suppressed() {
      place = undefined;
      line.suppressed();
    },

    secondsLeft() {
      // How long it really is, is known once all of it is here.
      const seconds = isFetched ? (sent * FRAME_MS) / SECOND_MS : line.seconds;
      return Math.max(0, seconds - playedMs() / SECOND_MS);
    },

    started(at) {
      startedAt = at;
      line.started();
    },

    ranDry() {
      underruns += 1;
    },

    played() {
      isPlayed = true;
      spoken.finish(failure ?? { kind: 'spoken', startedAt, underruns });
    },

    isBegun: () => sound !== undefined,
    isHeard: () => startedAt > 0,
    isFetched: () => isFetched,
    hasPlayed: () => isPlayed,

    finish(end) {
      if (isOver) return;
      isOver = true;
      controller.abort();
      resolve(end);
      onEnd(spoken);
    },
  };
  return spoken;
}
