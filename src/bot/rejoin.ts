import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, Routes } from 'discord.js';
import type { Logger } from 'pino';
import type { Snowflake } from '../domain/ids.ts';
import { SECOND_MS } from '../domain/time.ts';
import type { Sessions } from '../playback/sessions.ts';
import type { Store } from '../store/store.ts';
import { humansIn } from './presence.ts';

/**
 * Comes back to where the bot meant to be when it stopped, if somebody is still there, and takes
 * away the panel that a crash left behind.
 */
export async function rejoinChannels(options: {
  client: Client<true>;
  store: Store;
  sessions: Sessions;
  /** Empty: all. */
  allowedGuilds: readonly string[];
  log: Logger;
  signal: AbortSignal;
}): Promise<void> {
  const { client, store, sessions, allowedGuilds, log, signal } = options;
  for (const { guildId, channelId, panel } of await store.sessions.list()) {
    try {
      if (panel !== undefined) await takeAway(channelId, panel);
      // Somebody has called it meanwhile.
      if (sessions.whereIs(guildId) !== undefined) continue;
      const isAllowed = allowedGuilds.length === 0 || allowedGuilds.includes(guildId);
      if (!isAllowed || humansIn({ client }, channelId).length === 0) {
        await store.sessions.remove(guildId);
        continue;
      }
      await sessions.join({ guildId, channelId }, { signal });
      // One a second: a restart must not ask for all channels at once.
      await sleep(SECOND_MS, undefined, { signal });
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error, guild: guildId }, 'the voice channel of before could not be rejoined');
    }
  }
  async function takeAway(channelId: Snowflake, panel: Snowflake): Promise<void> {
    try {
      await client.rest.delete(Routes.channelMessage(channelId, panel));
    } catch (error) {
      log.info({ err: error, channel: channelId }, 'the panel of before was gone');
    }
  }
}
