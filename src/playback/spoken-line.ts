import type { Line, LineEnd } from './line.ts';
import type { VoiceLink } from './voice-messages.ts';

/** A line from the moment it is queued until it has ended, in exactly one way. */
export interface SpokenLine {
  readonly line: Line;
  readonly done: Promise<LineEnd>;
  /** Fetches its sound and sends it on as it comes. */
  speak(): Promise<void>;
  checkRight(): Promise<void>;
  standsBehind(before: number): void;
  started(at: number): void;
  /** Its sound came too slowly for a moment. */
  ranDry(): void;
  /** All its packets went out. */
  played(): void;
  hasPlayed(): boolean;
  finish(end: LineEnd): void;
}

export function createSpokenLine(
  line: Line,
  { link, onEnd }: { link: VoiceLink; onEnd: (line: SpokenLine) => void },
): SpokenLine {
  const { guildId, id: utterance } = line;
  const { promise: done, resolve } = Promise.withResolvers<LineEnd>();
  const controller = new AbortController();
  let place: number | undefined;
  let startedAt = 0;
  let underruns = 0;
  let isPlayed = false;
  let isOver = false;

  const spoken: SpokenLine = {
    line,
    done,

    async speak() {
      const { signal } = controller;
      try {
        await spoken.checkRight();
        if (isOver) return;
        for await (const packet of line.packets({ signal })) {
          if (isOver) return;
          link.post({ type: 'packets', guildId, utterance, packets: [packet] });
        }
        if (!isOver) link.post({ type: 'end', guildId, utterance });
      } catch (error) {
        spoken.finish({ kind: 'failed', error });
      }
    },

    async checkRight() {
      try {
        const why = await line.findObjection();
        if (why) spoken.finish({ kind: 'withdrawn', why });
      } catch (error) {
        spoken.finish({ kind: 'failed', error });
      }
    },

    standsBehind(before) {
      if (before !== place) line.standsBehind(before);
      place = before;
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
      spoken.finish({ kind: 'spoken', startedAt, underruns });
    },

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
