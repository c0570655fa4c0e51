import { UserError, unreachable, type Withdrawal } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import { SECOND_MS } from '../domain/time.ts';
import { createAlarm } from './alarm.ts';
import { createArrivals } from './arrivals.ts';
import { toBeat } from './beat.ts';
import type { Asker, LeaveReason, Line, LineEnd, QueuedLine, SessionEvent } from './line.ts';
import { createSpokenLine, type SpokenLine } from './spoken-line.ts';
import { inTurn } from './turns.ts';
import type { VoiceEvent, VoiceLink } from './voice-messages.ts';

/** The bot in one guild's voice channel, with the lines to be heard there in order. */
export interface GuildSession {
  ready(options: { signal: AbortSignal }): Promise<void>;
  enqueue(line: Line): Promise<LineEnd>;
  skip(by: Asker): Line | undefined;
  stop(by: Asker): number;
  /** Ends every line for this reason; how many. */
  withdraw(why: Withdrawal): number;
  queue(): readonly QueuedLine[];
  channelId(): Snowflake;
  moveTo(channelId: Snowflake): void;
  /** Discord says where the bot is now; null: nowhere. */
  movedTo(channelId: Snowflake | null): void;
  /** Discord has forgotten that the bot is in its channel: asks for it again. */
  rejoin(): void;
  /** Whether Discord lets the bot be heard where it is: lines wait until it does, but not for ever. */
  suppressed(isSuppressed: boolean): void;
  listenersChanged(humans: number): void;
  heard(event: Exclude<VoiceEvent, { type: 'gateway' }>): void;
  leave(reason: LeaveReason): void;
  close(deadline: AbortSignal): Promise<void>;
}

/** A right is asked for again after this, or up to 100 ms later. */
const RIGHT_CHECK_MS = 0.4 * SECOND_MS;

export function createGuildSession(options: {
  /** Its own, of all there ever are. */
  session: number;
  guildId: Snowflake;
  channelId: Snowflake;
  link: VoiceLink;
  emptyMs: number;
  admittanceMs: number;
  onEvent: (event: SessionEvent) => void;
}): GuildSession {
  const { session, guildId, link, emptyMs, admittanceMs, onEvent } = options;
  let channelId = options.channelId;
  const arrivals = createArrivals();
  /** Whether Discord has said that it is where it was called to. */
  let isPlaced = false;
  let hasArrived = false;
  /** Also before it was taken elsewhere. */
  let wasHeard = false;
  let isOver = false;
  let isSuppressed = false;
  let isTelling = false;
  let current: SpokenLine | undefined;
  /** In the order they came. */
  let waiting: SpokenLine[] = [];
  /** Members in the order they were last heard. */
  let heardBefore: Snowflake[] = [];
  const empty = createAlarm(emptyMs, () => end('alone', { kind: 'left' }));
  /** Lines that wait for somebody to let the bot speak wait no longer than this. */
  const unheard = createAlarm(admittanceMs, () => withdraw('not-let'));
  let rightTimer = setTimeout(checkRight, toBeat(RIGHT_CHECK_MS));
  link.post({ type: 'join', guildId, session, channelId });

  const lines = () => [...(current ? [current] : []), ...inTurn(waiting, heardBefore)];
  const isHeld = () => isSuppressed && !isOver && lines().length > 0;

  function checkRight(): void {
    rightTimer = setTimeout(checkRight, toBeat(RIGHT_CHECK_MS));
    void current?.checkRight();
  }

  function advance(): void {
    if (current || isOver || isSuppressed) return;
    const [next] = lines();
    if (!next) return;
    current = next;
    waiting = waiting.filter((line) => line !== next);
    const { requester } = next.line;
    heardBefore = [...heardBefore.filter((member) => member !== requester), requester];
    link.post({ type: 'begin', guildId, utterance: next.line.id });
    void next.speak();
  }

  /** Once all sound of the current line is here, that of the next one is fetched while it plays. */
  function fetchNext(): void {
    const [, next] = lines();
    if (current?.isFetched() && next) void next.fetch();
  }

  /** Once for all the lines that come or go in one step. */
  function tellPlaces(): void {
    if (isTelling) return;
    isTelling = true;
    queueMicrotask(() => {
      isTelling = false;
      let seconds = 0;
      for (const [before, line] of lines().entries()) {
        line.standsBehind({ lines: before, seconds });
        seconds += line.secondsLeft();
      }
      fetchNext();
      if (!isOver) onEvent({ type: 'queue-changed', guildId });
    });
  }

  function ended(line: SpokenLine): void {
    waiting = waiting.filter((other) => other !== line);
    tellPlaces();
    unheard.keep(isHeld());
    if (current !== line) return;
    current = undefined;
    if (!line.hasPlayed()) link.post({ type: 'cut', guildId });
    advance();
  }

  /** Those in a new channel are told of the line that goes on there. */
  function arrived(): void {
    hasArrived = true;
    onEvent({ type: 'joined', guildId, channelId });
    if (current?.isHeard()) onEvent({ type: 'line-started', line: current.line, channelId });
  }

  function withdraw(why: Withdrawal): number {
    const touched = lines().toReversed();
    for (const line of touched) line.finish({ kind: 'withdrawn', why });
    return touched.length;
  }

  function end(reason: LeaveReason, lineEnd: LineEnd): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(rightTimer);
    empty.keep(false);
    unheard.keep(false);
    for (const line of lines()) line.finish(lineEnd);
    link.post({ type: 'leave', guildId });
    arrivals.giveUp(reason, channelId);
    onEvent({ type: 'left', guildId, channelId, reason });
  }

  function lost(): void {
    const error = new UserError({ code: 'E_VOICE_CONNECT', channelId });
    end('lost', wasHeard ? { kind: 'lost' } : { kind: 'failed', error });
  }

  const mayTouch = ({ userId, isModerator }: Asker, { line }: SpokenLine) =>
    isModerator || line.requester === userId;

  return {
    channelId: () => channelId,

    async ready({ signal }) {
      if (!hasArrived) await arrivals.next({ signal });
    },

    enqueue(line) {
      const spoken = createSpokenLine(line, { link, onFetched: fetchNext, onEnd: ended });
      waiting.push(spoken);
      tellPlaces();
      advance();
      if (isSuppressed) line.suppressed();
      unheard.keep(isHeld());
      return spoken.done;
    },

    skip(by) {
      if (!current || !mayTouch(by, current)) return undefined;
      const { line } = current;
      current.finish({ kind: 'skipped', byOther: line.requester !== by.userId });
      return line;
    },

    stop(by) {
      const touched = lines().filter((line) => mayTouch(by, line));
      // What waits goes first, so that none of it is started by the end of the current one.
      for (const line of touched.toReversed())
        line.finish({ kind: 'stopped', byOther: line.line.requester !== by.userId });
      return touched.length;
    },

    withdraw,

    queue() {
      return lines().map(({ line }) => ({
        id: line.id,
        requester: line.requester,
        label: line.label,
        seconds: line.seconds,
        state: line.id === current?.line.id ? 'speaking' : 'waiting',
      }));
    },

    moveTo(to) {
      if (to === channelId) return;
      // What was meant for the ears in the old channel is not for those in the new one.
      for (const line of lines().toReversed()) line.finish({ kind: 'called-away', to });
      arrivals.giveUp('asked', channelId);
      channelId = to;
      isPlaced = false;
      hasArrived = false;
      isSuppressed = false;
      link.post({ type: 'join', guildId, session, channelId });
    },

    movedTo(to) {
      // Until it is where it was called to, that is still said of where it was before.
      if (!isPlaced && to !== channelId) return;
      if (to === null) return end('removed', { kind: 'removed' });
      isPlaced = true;
      if (to === channelId) return;
      arrivals.giveUp('asked', channelId);
      channelId = to;
      hasArrived = false;
      for (const { line } of lines()) line.movedTo(to);
    },

    rejoin: () => link.post({ type: 'rejoin', guildId }),

    suppressed(isNow) {
      if (isNow === isSuppressed) return;
      isSuppressed = isNow;
      if (isNow) for (const { line } of lines()) line.suppressed();
      unheard.keep(isHeld());
      advance();
    },

    listenersChanged: (humans) => empty.keep(humans === 0 && !isOver),

    heard(event) {
      switch (event.type) {
        case 'ready':
          if (event.session !== session) return;
          if (!hasArrived) arrived();
          wasHeard = true;
          arrivals.come();
          return;
        case 'lost':
          return event.session === session ? lost() : undefined;
        case 'started':
          if (current?.line.id !== event.utterance) return;
          current.started(event.at);
          return onEvent({ type: 'line-started', line: current.line, channelId });
        case 'done':
          if (current?.line.id === event.utterance) current.played();
          return;
        case 'underrun':
          if (current?.line.id === event.utterance) current.ranDry();
          return;
        default:
          return unreachable(event);
      }
    },

    leave: (reason) => end(reason, { kind: 'left' }),

    async close(deadline) {
      for (const line of [...waiting]) line.finish({ kind: 'shutdown', wasBegun: line.isBegun() });
      const over = Promise.withResolvers<void>();
      deadline.addEventListener('abort', () => over.resolve(), { once: true });
      await Promise.race([current?.done, over.promise]);
      end('shutdown', { kind: 'shutdown', wasBegun: true });
    },
  };
}
