import {
  type Client,
  DiscordAPIError,
  type Message,
  RateLimitError,
  RESTJSONErrorCodes,
} from 'discord.js';
import type { Logger } from 'pino';
import type { Snowflake } from '../domain/ids.ts';
import { DAY_MS, SECOND_MS } from '../domain/time.ts';
import type { QueuedLine } from '../playback/line.ts';
import { type ButtonRow, type ButtonSpec, rowFor } from './buttons.ts';
import type { Components } from './components.ts';
import { wordSeconds } from './markup.ts';
import { isOutage } from './outage.ts';
import { postNote } from './post.ts';
import { wordLine } from './queued-line.ts';

/** The message in a voice channel's chat that shows what is spoken there, with its buttons. */
export interface Panel {
  /** What it shows has changed; it follows at once, or two seconds after the last time. */
  refresh(): void;
  /** A message came in a channel of its server. */
  written(message: { readonly id: Snowflake; readonly channelId: Snowflake }): void;
  /** Brings it up to date without waiting; resolves when it is. */
  flush(): Promise<void>;
  /** The line that is spoken as this version of the message has it; undefined: none, or it is too old. */
  lineOn(message: Pick<Message, 'id' | 'content'>): string | undefined;
}

/** What is to be shown: where the bot is, if anywhere, and its lines. */
export interface PanelView {
  readonly channelId: Snowflake | undefined;
  readonly lines: readonly QueuedLine[];
}

/** Discord allows five changes in five seconds, and the channel has other uses for them. */
const GAP_MS = 2 * SECOND_MS;
/** Discord itself was not to be had, so often in a row that the library gave up. */
const RETRY_MS = 5 * SECOND_MS;
/** So many newer messages push it off a small screen. */
const BURYING = 5;
/** Longer than any session without a word in its chat. */
const LIFE_MS = 7 * DAY_MS;
const MOST_NAMES = 5;

const BUTTONS: readonly ButtonSpec[] = [
  { label: 'Skip', style: 'primary', action: 'panel-skip', isLasting: true },
  { label: 'Stop', style: 'danger', action: 'panel-stop', isLasting: true },
  { label: 'Cancel mine', action: 'panel-cancel', isLasting: true },
];

/** What a panel says, and the line that it says is being spoken, if any. */
interface Shown {
  readonly content: string;
  readonly line: string | undefined;
}

export function createPanel(options: {
  client: Client<true>;
  components: Components;
  read: () => PanelView;
  /** So that the next start can take away what a crash left behind. */
  remember: (messageId: Snowflake | undefined) => Promise<void>;
  log: Logger;
}): Panel {
  const { client, components, read, remember, log } = options;
  let shown: (Shown & { message: Message; row: ButtonRow }) | undefined;
  /** What it said before, which a member may have pressed while it changed. */
  let previous: typeof shown;
  let issued: { row: ButtonRow; channelId: Snowflake; at: number } | undefined;
  let newer = 0;
  let updatedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let last = Promise.resolve();

  /** One after the other, each with what is to be shown when its turn comes. */
  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    last = last.then(update).catch(failed).finally(updated);
    return last;
  }

  /** However long Discord took to take the change: the next one comes so much later. */
  function updated(): void {
    updatedAt = performance.now();
  }

  /** What Discord refuses it would refuse again; of anything else, what is shown must not stay wrong. */
  function failed(error: unknown): void {
    log.info({ err: error }, 'the panel could not be shown');
    if (error instanceof RateLimitError) follow(error.retryAfter);
    else if (isOutage(error)) follow(RETRY_MS);
  }

  async function update(): Promise<void> {
    const { channelId, lines } = read();
    const isHeard = lines.length > 0;
    const isElsewhere = shown?.message.channelId !== channelId;
    if (isElsewhere || (isHeard && newer >= BURYING)) await takeAway();
    const now = show(lines);
    if (shown && shown.content !== now.content) return await edit(shown, now, isHeard);
    if (shown) shown = { ...shown, ...now };
    else if (channelId !== undefined && isHeard) await post(channelId, now);
  }

  async function post(channelId: Snowflake, now: Shown): Promise<void> {
    const row = await rowIn(channelId);
    const message = await postNote(client, channelId, now.content, [row]);
    shown = { message, row, ...now };
    newer = 0;
    await remember(message.id);
  }

  /** The same each time it is posted anew in a channel, until its life is half over. */
  async function rowIn(channelId: Snowflake): Promise<ButtonRow> {
    if (issued?.channelId === channelId && performance.now() - issued.at < LIFE_MS / 2)
      return issued.row;
    const holder = { userId: undefined, channelId, lifeMs: LIFE_MS };
    const row = await rowFor(components, holder, BUTTONS);
    issued = { row, channelId, at: performance.now() };
    return row;
  }

  async function edit(
    { message, row }: NonNullable<typeof shown>,
    now: Shown,
    isHeard: boolean,
  ): Promise<void> {
    try {
      const components = isHeard ? [row] : [];
      const edited = await message.edit({ content: now.content, components });
      previous = shown;
      shown = { message: edited, row, ...now };
    } catch (error) {
      if (isTooOld(error)) await takeAway();
      else if (!isGone(error)) throw error;
      shown = undefined;
      if (isHeard) await post(message.channelId, now);
    }
  }

  async function takeAway(): Promise<void> {
    if (!shown) return;
    try {
      await shown.message.delete();
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    previous = shown;
    shown = undefined;
    await remember(undefined);
  }

  function refresh(): void {
    follow(updatedAt + GAP_MS - performance.now());
  }

  function follow(afterMs: number): void {
    timer ??= setTimeout(() => void due(), Math.max(0, afterMs)).unref();
  }

  async function due(): Promise<void> {
    timer = undefined;
    await last;
    const leftMs = updatedAt + GAP_MS - performance.now();
    if (leftMs > 0) follow(leftMs);
    else await flush();
  }

  return {
    refresh,
    flush,
    written({ id, channelId }) {
      if (shown?.message.channelId !== channelId || shown.message.id === id) return;
      newer += 1;
      if (newer === BURYING) refresh();
    },
    lineOn({ id, content }) {
      // As Discord has kept it, which need not be as it was sent.
      const isBehind = previous?.message.id === id && previous.message.content === content;
      if (isBehind) return previous?.line;
      return shown?.message.id === id ? shown.line : undefined;
    },
  };
}

function show(lines: readonly QueuedLine[]): Shown {
  const [first, ...others] = lines;
  const line = lines.find(({ state }) => state === 'speaking')?.id;
  if (!first) return { content: 'Nothing is being spoken. `/say` adds a line.', line };
  // Where nothing is spoken although lines are there, nobody has let the bot speak yet.
  const what = line === undefined ? 'Waiting to be let speak' : 'Now speaking';
  const now = `🤖 **${what}:** ${wordLine(first)}`;
  return { content: [now, ...wordWaiting(others)].join('\n'), line };
}

function wordWaiting(lines: readonly QueuedLine[]): readonly string[] {
  if (lines.length === 0) return [];
  const names = [...new Set(lines.map(({ requester }) => `<@${requester}>`))];
  const others = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  const seconds = lines.reduce((sum, line) => sum + line.seconds, 0);
  const long = `${lines.length} waiting, about ${wordSeconds(seconds)}`;
  return [`${long}: ${names.slice(0, MOST_NAMES).join(', ')}${others}`];
}

/** After an hour a message may be changed only so often. */
function isTooOld(error: unknown): boolean {
  const code = RESTJSONErrorCodes.MaximumNumberOfEditsToMessagesOlderThanOneHourReached;
  return error instanceof DiscordAPIError && error.code === code;
}

/** Somebody has deleted it, or its channel, or may have taken it out of sight. */
function isGone(error: unknown): boolean {
  const gone: unknown[] = [
    RESTJSONErrorCodes.UnknownMessage,
    RESTJSONErrorCodes.UnknownChannel,
    RESTJSONErrorCodes.MissingAccess,
  ];
  return error instanceof DiscordAPIError && gone.includes(error.code);
}
