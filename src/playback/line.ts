import type { Snowflake } from '../domain/ids.ts';

/** A text on its way to be heard; the text itself is not here. */
export interface Line {
  readonly id: string;
  readonly requester: Snowflake;
  readonly guildId: Snowflake;
  /** Whose voice, as people see it. */
  readonly label: string;
  readonly characters: number;
  /** The sentence that says whose AI voice it is and who asked for it. */
  readonly disclosure: string;
  /** 20 ms Opus packets; asking for the first starts the synthesis. */
  packets(options: { signal: AbortSignal }): AsyncIterable<Uint8Array>;
  /** Asked before the first packet and every 500 ms. */
  mayStillSpeak(): Promise<boolean>;
}

/** How a line ended. */
export type LineEnd =
  | { readonly kind: 'spoken'; readonly startedAt: number; readonly underruns: number }
  | { readonly kind: 'skipped' | 'stopped' | 'withdrawn' | 'lost' | 'shutdown' }
  | { readonly kind: 'failed'; readonly error: unknown };

export interface QueuedLine extends Pick<Line, 'id' | 'requester' | 'label' | 'characters'> {
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
  | { readonly type: 'line-started'; readonly line: Line; readonly channelId: Snowflake };

export type LeaveReason = 'asked' | 'alone' | 'removed' | 'lost' | 'shutdown';

/** Who asks to skip or stop: moderators may touch any line, others their own. */
export interface Asker {
  readonly userId: Snowflake;
  readonly isModerator: boolean;
}
