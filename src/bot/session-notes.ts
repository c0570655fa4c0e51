import type { Client } from 'discord.js';
import type { Logger } from 'pino';
import type { SessionEvent } from '../playback/line.ts';
import type { Sessions } from '../playback/sessions.ts';
import type { Store } from '../store/store.ts';
import { postNote } from './post.ts';
import { countListeners } from './voice-gateway.ts';

const GREETING =
  '🤖 I speak here for members who type: what you hear from me are **AI voices**, each made from the voice of the member named below, or a stock voice.';

/**
 * What a voice channel's own chat is told: that an AI speaks there, and each new speaker; and what
 * is remembered of where the bot means to be.
 */
export function createSessionNotes(options: {
  client: Client<true>;
  store: Store;
  log: Logger;
}): (event: SessionEvent, sessions: Sessions) => Promise<void> {
  const { client, store, log } = options;
  const introduced = new Map<string, Set<string>>();

  /** Says whether it was posted. */
  async function note(channelId: string, content: string): Promise<boolean> {
    try {
      await postNote(client, channelId, content);
      return true;
    } catch (error) {
      log.warn(
        { err: error, channel: channelId },
        'the chat of the voice channel could not be told',
      );
      return false;
    }
  }

  return async (event, sessions) => {
    try {
      await tell(event, sessions);
    } catch (error) {
      log.error({ err: error, event: event.type }, 'a session could not be noted');
    }
  };

  async function tell(event: SessionEvent, sessions: Sessions): Promise<void> {
    switch (event.type) {
      case 'joined': {
        const { guildId, channelId } = event;
        introduced.set(guildId, new Set());
        countListeners(client, sessions, guildId);
        // At once: the line that goes on here is introduced below it.
        await Promise.all([note(channelId, GREETING), store.sessions.put(guildId, channelId)]);
        return;
      }
      case 'left':
        introduced.delete(event.guildId);
        if (event.reason !== 'shutdown') await store.sessions.remove(event.guildId);
        return;
      case 'line-started': {
        const { guildId, disclosure } = event.line;
        const known = introduced.get(guildId) ?? new Set();
        if (known.has(disclosure)) return;
        // Known already while it is posted: the next line may start meanwhile.
        introduced.set(guildId, known.add(disclosure));
        if (!(await note(event.channelId, disclosure))) known.delete(disclosure);
        return;
      }
      case 'queue-changed':
        return;
      default:
        return event satisfies never;
    }
  }
}
