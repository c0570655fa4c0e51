import {
  AttachmentBuilder,
  type Client,
  Events,
  type Message,
  type MessageCreateOptions,
  MessageFlags,
  RateLimitError,
} from 'discord.js';
import { UserError } from '../domain/errors.ts';
import type { Snowflake } from '../domain/ids.ts';
import { pause } from '../domain/pause.ts';
import { type Clock, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { isOutage } from './outage.ts';
import { post } from './post.ts';

/** Posts sound in public, by Create Message; never twice under the same id. */
export interface SoundPosts {
  /**
   * @throws UserError E_DISCORD_DOWN when nothing tells what became of it, E_EXPIRED_BUTTON when it is
   * tried again too late for that, and as `post` does.
   */
  file(channelId: Snowflake, file: FilePost, how: Posting): Promise<Message>;
  /** A native voice message carries no text: its disclosure goes before it. @throws as `file` does. */
  voiceMessage(channelId: Snowflake, voice: VoicePost, how: Posting): Promise<Message>;
}

export interface FilePost {
  readonly disclosure: string;
  readonly filename: string;
  readonly bytes: Uint8Array;
}

export interface VoicePost extends FilePost {
  readonly seconds: number;
  readonly waveform: string;
}

export interface Posting {
  /** Names the post: tried again under the same id, what Discord took the first time is returned. */
  readonly id: string;
  readonly signal: AbortSignal;
}

/** How long the gateway may take to tell of a post whose answers were lost. */
const GATEWAY_MS = 2 * SECOND_MS;
/** Discord knows a nonce again "in the past few minutes": later, a post could be made twice. */
const REPEATABLE_MS = 2 * MINUTE_MS;
/** Longer than any button that tries it again. */
const KEPT_MS = 20 * MINUTE_MS;

export function createSoundPosts(options: { client: Client<true>; clock: Clock }): SoundPosts {
  const { client, clock } = options;
  /** What may be tried again, by its nonce, with its message where there is known to be one. */
  const open = new Map<string, { readonly at: number; message?: Message }>();
  /** Until when Discord takes nothing more in a channel, as it said there. */
  const full = new Map<Snowflake, number>();
  client.on(Events.MessageCreate, (message) => {
    const sent = open.get(String(message.nonce));
    if (sent && message.author.id === client.user.id) sent.message = message;
  });

  async function send(
    channelId: Snowflake,
    message: MessageCreateOptions,
    nonce: string,
    signal: AbortSignal,
  ): Promise<Message> {
    for (const [old, { at }] of open) if (at < clock() - KEPT_MS) open.delete(old);
    for (const [channel, until] of full) if (until <= clock()) full.delete(channel);
    checkRepeatable(nonce);
    const sent = open.get(nonce) ?? { at: clock() };
    if (sent.message) return sent.message;
    const until = full.get(channelId);
    if (until !== undefined) throw tooMany(until);
    open.set(nonce, sent);
    try {
      const made = await post(client, channelId, message, nonce);
      open.delete(nonce);
      return made;
    } catch (error) {
      const isLimit = error instanceof RateLimitError;
      const isLost = !isLimit && isOutage(error);
      if (isLost && !sent.message) await Promise.allSettled([pause(GATEWAY_MS, signal)]);
      // Also where a repeat was refused of what had been taken.
      if (sent.message) return sent.message;
      if (isLost) throw new UserError({ code: 'E_DISCORD_DOWN' }, { cause: error });
      open.delete(nonce);
      if (!isLimit) throw error;
      const freeAt = clock() + error.retryAfter;
      full.set(channelId, freeAt);
      throw tooMany(freeAt, error);
    }
  }

  /** Once Discord may have forgotten a post whose fate is unknown, it is not asked for again. */
  function checkRepeatable(nonce: string): void {
    const sent = open.get(nonce);
    if (sent && !sent.message && sent.at < clock() - REPEATABLE_MS)
      throw new UserError({ code: 'E_EXPIRED_BUTTON' });
  }

  return {
    async file(channelId, { disclosure, ...file }, { id, signal }) {
      const message = { content: disclosure, files: [attachmentOf(file)] };
      return await send(channelId, message, id, signal);
    },

    async voiceMessage(channelId, { disclosure, seconds, waveform, ...file }, { id, signal }) {
      checkRepeatable(id);
      const textId = `${id}-text`;
      const before = await send(channelId, { content: disclosure }, textId, signal);
      const sound = attachmentOf(file).setDuration(seconds).setWaveform(waveform);
      const message = { files: [sound], flags: MessageFlags.IsVoiceMessage as const };
      try {
        return await send(channelId, message, id, signal);
      } catch (error) {
        // A disclosure of nothing would only puzzle the channel; where something may be there, it stays.
        const isUnknown = error instanceof UserError && error.problem.code === 'E_DISCORD_DOWN';
        if (isUnknown) open.set(textId, { at: clock(), message: before });
        else {
          open.delete(textId);
          await Promise.allSettled([before.delete()]);
        }
        throw error;
      }
    },
  };
}

function attachmentOf({ filename, bytes }: Omit<FilePost, 'disclosure'>): AttachmentBuilder {
  return new AttachmentBuilder(Buffer.from(bytes), { name: filename });
}

function tooMany(until: number, cause?: RateLimitError): UserError {
  return new UserError({ code: 'E_RATE', what: 'posts', until }, { cause });
}
