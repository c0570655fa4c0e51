import type { Logger } from 'pino';
import { UserError } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { createGuildSession, type GuildSession } from './guild-session.ts';
import { createVoiceLink, type VoiceEvent } from './voice-link.ts';

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

/** The bot's presence in voice channels, one session a guild. */
export interface Sessions {
  /** Resolves when the bot can be heard there. @throws UserError E_VOICE_CONNECT. */
  join(
    place: { guildId: Snowflake; channelId: Snowflake },
    options: { signal: AbortSignal },
  ): Promise<void>;
  leave(guildId: Snowflake): void;
  /**
   * Puts a line in the queue, joining the channel meanwhile; the end never rejects.
   * @throws UserError E_QUEUE_FULL.
   */
  enqueue(
    line: Line,
    place: { channelId: Snowflake; waiting: number; serverWaiting: number },
  ): { position: number; done: Promise<LineEnd> };
  /** Cuts the line being spoken; undefined when the asker may not or nothing is spoken. */
  skip(guildId: Snowflake, by: Asker): Line | undefined;
  /** Cuts and takes back lines; how many. */
  stop(guildId: Snowflake, by: Asker): number;
  /** What is spoken and what waits, in order. */
  queue(guildId: Snowflake): readonly QueuedLine[];
  whereIs(guildId: Snowflake): Snowflake | undefined;
  count(): number;
  /** How many people are in the bot's channel; an empty one is left after a minute. */
  listenersChanged(guildId: Snowflake, humans: number): void;
  /** What the gateway says of the bot's own voice. */
  voiceState(guildId: Snowflake, channelId: Snowflake | null, payload: unknown): void;
  voiceServer(guildId: Snowflake, payload: unknown): void;
  /** Lets what is being spoken end within the grace, then leaves everywhere. */
  close(options: { graceMs: number }): Promise<void>;
}

export function createSessions(options: {
  sendGateway: (guildId: Snowflake, payload: unknown) => void;
  onEvent: (event: SessionEvent) => void;
  log: Logger;
  /** @default one minute */
  emptyMs?: number;
}): Sessions {
  const { sendGateway, onEvent, log, emptyMs = MINUTE_MS } = options;
  const sessions = new Map<Snowflake, GuildSession>();
  const link = createVoiceLink({ emit: heard, log });

  function heard(event: VoiceEvent): void {
    if (event.type === 'gateway') return sendGateway(event.guildId, event.payload);
    sessions.get(event.guildId)?.heard(event);
  }

  function sessionIn(guildId: Snowflake, channelId: Snowflake): GuildSession {
    const known = sessions.get(guildId);
    if (known) {
      known.moveTo(channelId);
      return known;
    }
    const session = createGuildSession({
      guildId,
      channelId,
      link,
      emptyMs,
      onEvent(event) {
        if (event.type === 'left' && sessions.get(guildId) === session) sessions.delete(guildId);
        onEvent(event);
      },
    });
    sessions.set(guildId, session);
    return session;
  }

  return {
    async join({ guildId, channelId }, { signal }) {
      await sessionIn(guildId, channelId).ready({ signal });
    },
    leave: (guildId) => sessions.get(guildId)?.leave('asked'),
    enqueue(line, { channelId, waiting, serverWaiting }) {
      const queued = sessions.get(line.guildId)?.queue() ?? [];
      const ofMember = queued.filter(({ requester }) => requester === line.requester);
      // The line being spoken waits no longer.
      if (ofMember.filter(({ state }) => state === 'waiting').length >= waiting)
        throw new UserError({ code: 'E_QUEUE_FULL', whose: 'member', max: waiting });
      if (queued.filter(({ state }) => state === 'waiting').length >= serverWaiting)
        throw new UserError({ code: 'E_QUEUE_FULL', whose: 'server', max: serverWaiting });
      return sessionIn(line.guildId, channelId).enqueue(line);
    },
    skip: (guildId, by) => sessions.get(guildId)?.skip(by),
    stop: (guildId, by) => sessions.get(guildId)?.stop(by) ?? 0,
    queue: (guildId) => sessions.get(guildId)?.queue() ?? [],
    whereIs: (guildId) => sessions.get(guildId)?.channelId(),
    count: () => sessions.size,
    listenersChanged: (guildId, humans) => sessions.get(guildId)?.listenersChanged(humans),
    voiceState(guildId, channelId, payload) {
      link.post({ type: 'voice-state', guildId, payload });
      sessions.get(guildId)?.movedTo(channelId);
    },
    voiceServer: (guildId, payload) => link.post({ type: 'voice-server', guildId, payload }),
    async close({ graceMs }) {
      const deadline = AbortSignal.timeout(Math.max(graceMs, SECOND_MS / 10));
      await Promise.all([...sessions.values()].map((session) => session.close(deadline)));
      link.close();
    },
  };
}
