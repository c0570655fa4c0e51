import { UserError, type Withdrawal } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import { MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { createGuildSession, type GuildSession } from './guild-session.ts';
import type { Asker, Line, LineEnd, QueuedLine, SessionEvent } from './line.ts';
import type { VoiceEvent, VoiceLink } from './voice-messages.ts';

/** The bot's presence in voice channels, one session a guild. */
export interface Sessions {
  /** Resolves when the bot can be heard there. @throws UserError E_VOICE_CONNECT. */
  join(
    place: { guildId: Snowflake; channelId: Snowflake },
    options: { signal: AbortSignal },
  ): Promise<void>;
  leave(guildId: Snowflake): void;
  /** @throws UserError E_QUEUE_FULL when no further line of this member may wait now. */
  checkRoom(line: Pick<Line, 'guildId' | 'requester'>, room: Room): void;
  /**
   * Puts a line in the queue, joining the channel meanwhile; resolves when it has ended.
   * @throws UserError E_QUEUE_FULL, E_STOPPING.
   */
  enqueue(line: Line, place: Room & { readonly channelId: Snowflake }): Promise<LineEnd>;
  /** Cuts the line being spoken; undefined when the asker may not or nothing is spoken. */
  skip(guildId: Snowflake, by: Asker): Line | undefined;
  /** Cuts and takes back lines; how many. */
  stop(guildId: Snowflake, by: Asker): number;
  /** Ends every line of a server for this reason; how many. */
  withdraw(guildId: Snowflake, why: Withdrawal): number;
  /** What is spoken and what waits, in order. */
  queue(guildId: Snowflake): readonly QueuedLine[];
  whereIs(guildId: Snowflake): Snowflake | undefined;
  /** How many people are in the bot's channel; an empty one is left after a minute. */
  listenersChanged(guildId: Snowflake, humans: number): void;
  /** What the gateway says of the bot's own voice. */
  voiceState(guildId: Snowflake, channelId: Snowflake | null, payload: unknown): void;
  voiceServer(guildId: Snowflake, payload: unknown): void;
  /** Whether Discord lets the bot be heard where it is; until it does, lines wait for a minute. */
  suppressed(guildId: Snowflake, isSuppressed: boolean): void;
  /** Discord has forgotten that the bot is in its channel: it comes again, and its lines go on. */
  rejoin(guildId: Snowflake): void;
  /** Lets what is being spoken end within the grace, then leaves everywhere. */
  close(options: { graceMs: number }): Promise<void>;
}

/** How many lines may wait, of a member and in all. */
export interface Room {
  readonly waiting: number;
  readonly serverWaiting: number;
}

export function createSessions(options: {
  sendGateway: (guildId: Snowflake, payload: unknown) => void;
  /** All of the voice protocol, wherever it lives. */
  openLink: (emit: (event: VoiceEvent) => void) => VoiceLink;
  onEvent: (event: SessionEvent) => void;
  /** @default one minute */
  emptyMs?: number;
  /** @default one minute */
  admittanceMs?: number;
}): Sessions {
  const { sendGateway, openLink, onEvent, emptyMs = MINUTE_MS } = options;
  const { admittanceMs = MINUTE_MS } = options;
  const sessions = new Map<Snowflake, GuildSession>();
  const link = openLink(heard);
  let sessionsSoFar = 0;
  let isClosed = false;

  function heard(event: VoiceEvent): void {
    if (event.type === 'gateway') return sendGateway(event.guildId, event.payload);
    sessions.get(event.guildId)?.heard(event);
  }

  function sessionIn(guildId: Snowflake, channelId: Snowflake): GuildSession {
    if (isClosed) throw new UserError({ code: 'E_STOPPING' });
    const known = sessions.get(guildId);
    if (known) {
      known.moveTo(channelId);
      return known;
    }
    sessionsSoFar += 1;
    const session = createGuildSession({
      session: sessionsSoFar,
      guildId,
      channelId,
      link,
      emptyMs,
      admittanceMs,
      onEvent(event) {
        if (event.type === 'left' && sessions.get(guildId) === session) sessions.delete(guildId);
        onEvent(event);
      },
    });
    sessions.set(guildId, session);
    return session;
  }

  function checkRoom(
    { guildId, requester }: Pick<Line, 'guildId' | 'requester'>,
    { waiting, serverWaiting }: Room,
  ): void {
    // The line being spoken waits no longer.
    const lines = (sessions.get(guildId)?.queue() ?? []).filter(({ state }) => state === 'waiting');
    if (lines.filter((line) => line.requester === requester).length >= waiting)
      throw new UserError({ code: 'E_QUEUE_FULL', whose: 'member', max: waiting });
    if (lines.length >= serverWaiting)
      throw new UserError({ code: 'E_QUEUE_FULL', whose: 'server', max: serverWaiting });
  }

  return {
    async join({ guildId, channelId }, { signal }) {
      await sessionIn(guildId, channelId).ready({ signal });
    },
    leave: (guildId) => sessions.get(guildId)?.leave('asked'),
    checkRoom,
    async enqueue(line, place) {
      checkRoom(line, place);
      return await sessionIn(line.guildId, place.channelId).enqueue(line);
    },
    skip: (guildId, by) => sessions.get(guildId)?.skip(by),
    stop: (guildId, by) => sessions.get(guildId)?.stop(by) ?? 0,
    withdraw: (guildId, why) => sessions.get(guildId)?.withdraw(why) ?? 0,
    queue: (guildId) => sessions.get(guildId)?.queue() ?? [],
    whereIs: (guildId) => sessions.get(guildId)?.channelId(),
    listenersChanged: (guildId, humans) => sessions.get(guildId)?.listenersChanged(humans),
    voiceState(guildId, channelId, payload) {
      link.post({ type: 'voice-state', guildId, payload });
      sessions.get(guildId)?.movedTo(channelId);
    },
    voiceServer: (guildId, payload) => link.post({ type: 'voice-server', guildId, payload }),
    suppressed: (guildId, isSuppressed) => sessions.get(guildId)?.suppressed(isSuppressed),
    rejoin: (guildId) => sessions.get(guildId)?.rejoin(),
    async close({ graceMs }) {
      isClosed = true;
      const deadline = AbortSignal.timeout(Math.max(graceMs, SECOND_MS / 10));
      await Promise.all([...sessions.values()].map((session) => session.close(deadline)));
      await link.close();
    },
  };
}
