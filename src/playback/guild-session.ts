import { UserError, unreachable, type Withdrawal } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import { SECOND_MS } from '../domain/time.ts';
import { createAlarm } from './alarm.ts';
import { createArrivals } from './arrivals.ts';
import { toBeat } from './beat.ts';
import type { Asker, LeaveReason, Line, LineEnd, QueuedLine, SessionEvent } from './line.ts';
import { createLineQueue } from './line-queue.ts';
import { createSpokenLine, type SpokenLine } from './spoken-line.ts';
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

/** News from before a session began comes no later than this after it. */
const NEWS_MS = 5 * SECOND_MS;
/** Who was sent away and called back is said to be nowhere for a moment, which need not be a removal. */
const NOWHERE_MS = SECOND_MS;
/** A right is asked for again after this, or up to 100 ms later. */
const RIGHT_CHECK_MS = 0.5 * SECOND_MS;

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
  const queue = createLineQueue(() => {
    fetchNext();
    if (!isOver) onEvent({ type: 'queue-changed', guildId });
  });
  const { current, lines } = queue;
  const empty = createAlarm(emptyMs, () => end('alone', { kind: 'left', isAlone: true }));
  const nowhere = createAlarm(NOWHERE_MS, removed);
  const bornAt = performance.now();
  /** Lines that wait for somebody to let the bot speak wait no longer than this. */
  const unheard = createAlarm(admittanceMs, () => withdraw('not-let'));
  let rightTimer = setTimeout(checkRight, toBeat(RIGHT_CHECK_MS));
  link.post({ type: 'join', guildId, session, channelId });

  const isHeld = () => isSuppressed && !isOver && lines().length > 0;

  function checkRight(): void {
    rightTimer = setTimeout(checkRight, toBeat(RIGHT_CHECK_MS));
    void current()?.checkRight();
  }

  function advance(): void {
    if (current() || isOver || isSuppressed) return;
    const next = queue.advance();
    if (!next) return;
    link.post({ type: 'begin', guildId, utterance: next.line.id });
    void next.speak();
  }

  /** Once all sound of the current line is here, that of the next one is fetched while it plays. */
  function fetchNext(): void {
    const [, next] = lines();
    if (current()?.isFetched() && next) void next.fetch();
  }

  function ended(line: SpokenLine): void {
    const wasCurrent = current() === line;
    queue.remove(line);
    unheard.keep(isHeld());
    if (!wasCurrent) return;
    if (!line.hasPlayed()) link.post({ type: 'cut', guildId });
    advance();
  }

  /** Undefined where news are of a line that has ended meanwhile. */
  function currentIs({ utterance }: { utterance: string }): SpokenLine | undefined {
    const spoken = current();
    return spoken?.line.id === utterance ? spoken : undefined;
  }

  function started(event: { utterance: string; at: number }): void {
    const spoken = currentIs(event);
    if (!spoken) return;
    spoken.started(event.at);
    onEvent({ type: 'line-started', line: spoken.line, channelId });
  }

  /** Those in a new channel are told of the line that goes on there. */
  function arrived(): void {
    arrivals.come();
    if (hasArrived) return;
    hasArrived = true;
    onEvent({ type: 'joined', guildId, channelId });
    const line = current();
    if (line?.isHeard()) onEvent({ type: 'line-started', line: line.line, channelId });
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
    nowhere.keep(false);
    unheard.keep(false);
    for (const line of lines()) line.finish(lineEnd);
    link.post({ type: 'leave', guildId });
    arrivals.giveUp(reason, channelId);
    onEvent({ type: 'left', guildId, channelId, reason });
  }

  function removed(): void {
    end('removed', { kind: 'removed' });
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
      queue.add(spoken);
      advance();
      if (isSuppressed) spoken.suppressed();
      unheard.keep(isHeld());
      return spoken.done;
    },

    skip(by) {
      const spoken = current();
      if (!spoken || !mayTouch(by, spoken)) return undefined;
      spoken.finish({ kind: 'skipped', byOther: spoken.line.requester !== by.userId });
      return spoken.line;
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
        state: line.id === current()?.line.id ? 'speaking' : 'waiting',
      }));
    },

    moveTo(to) {
      nowhere.keep(false);
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
      nowhere.keep(to === null);
      if (to === null) return performance.now() - bornAt > NEWS_MS ? removed() : undefined;
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
      if (isNow) for (const line of lines()) line.suppressed();
      else queue.tell();
      unheard.keep(isHeld());
      advance();
    },

    listenersChanged: (humans) => empty.keep(humans === 0 && !isOver),

    heard(event) {
      switch (event.type) {
        case 'alone':
        case 'ready':
          if (event.session !== session) return;
          wasHeard ||= event.type === 'ready';
          return arrived();
        case 'lost':
          return event.session === session ? lost() : undefined;
        case 'started':
          return started(event);
        case 'done':
          return currentIs(event)?.played();
        case 'underrun':
          return currentIs(event)?.ranDry();
        default:
          return unreachable(event);
      }
    },

    leave: (reason) => end(reason, { kind: 'left', isAlone: false }),

    async close(deadline) {
      const spoken = current();
      for (const line of lines())
        if (line !== spoken) line.finish({ kind: 'shutdown', wasBegun: line.isBegun() });
      const over = Promise.withResolvers<void>();
      deadline.addEventListener('abort', () => over.resolve(), { once: true });
      await Promise.race([spoken?.done, over.promise]);
      end('shutdown', { kind: 'shutdown', wasBegun: true });
    },
  };
}
