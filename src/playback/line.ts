import type { Withdrawn } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';

/** A text on its way to be heard; the text itself is not here. */
export interface Line {
  readonly id: string;
  readonly requester: Snowflake;
  readonly guildId: Snowflake;
  /** Whose voice, as people see it. */
  readonly label: string;
  /** About how long it takes to be heard. */
  readonly seconds: number;
  /** The sentence that says whose AI voice it is and who asked for it. */
  readonly disclosure: string;
  /** 20 ms Opus packets; asking for the first starts the synthesis. */
  packets(options: { signal: AbortSignal }): AsyncIterable<Uint8Array>;
  /** What stands against hearing it; asked before the first packet and every 500 ms. */
  findObjection(): Promise<Withdrawn | undefined>;
  /** Its first packet is out: from now on it counts as heard. */
  started(): void;
  /** A moderator has taken the bot to another channel, and the line with it. */
  movedTo(channelId: Snowflake): void;
  /** Told what is before it, at once and each time that changes; no lines: it is its turn. */
  standsBehind(before: Before): void;
  /** It cannot be heard yet: the bot may not speak there until somebody lets it. */
  suppressed(): void;
}

/** The lines that are heard first, and about how long they take. */
export interface Before {
  readonly lines: number;
  readonly seconds: number;
}

/** How a line ended. */
export type LineEnd =
  | { readonly kind: 'spoken'; readonly startedAt: number; readonly underruns: number }
  | { readonly kind: 'skipped' | 'stopped'; readonly byOther: boolean }
  /** The bot left the channel, as asked or because nobody was there. */
  | { readonly kind: 'left'; readonly isAlone: boolean }
  /** It was put out of the channel, or lost it. */
  | { readonly kind: 'removed' | 'lost' }
  | { readonly kind: 'called-away'; readonly to: Snowflake }
  | ({ readonly kind: 'withdrawn' } & Withdrawn)
  /** The process stops: while it waited, or in the middle of it. */
  | { readonly kind: 'shutdown'; readonly wasBegun: boolean }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface QueuedLine extends Pick<Line, 'id' | 'requester' | 'label' | 'seconds'> {
  readonly state: 'speaking' | 'waiting';
}

export type SessionEvent =
  | { readonly type: 'joined'; readonly guildId: Snowflake; readonly channelId: Snowflake }
  | {
      readonly type: 'left';
      readonly guildId: Snowflake;
      readonly channelId: Snowflake;
      readonly reason: LeaveReason;
    }
  /** It is heard from now on; once more where it goes on in another channel. */
  | { readonly type: 'line-started'; readonly line: Line; readonly channelId: Snowflake }
  /** Lines came or went, all of one step together. */
  | { readonly type: 'queue-changed'; readonly guildId: Snowflake };

export type LeaveReason = 'asked' | 'alone' | 'removed' | 'lost' | 'shutdown';

/** Who asks to skip or stop: moderators may touch any line, others their own. */
export interface Asker {
  readonly userId: Snowflake;
  readonly isModerator: boolean;
}
