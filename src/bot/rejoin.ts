import { type Client, Routes } from 'discord.js';
import type { Logger } from 'pino';
import { pause } from '../domain/pause.ts';
import { SECOND_MS } from '../domain/time.ts';
import type { Sessions } from '../playback/sessions.ts';
import type { Store } from '../store/store.ts';
import type { VoiceSession } from '../store/voice-sessions.ts';
import { humansIn } from './presence.ts';

/**
 * Comes back to where the bot meant to be when it stopped, if somebody is still there, and takes
 * away the panels that a crash left behind. A channel that cannot be had holds up no other.
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
  const places = await store.sessions.list();
  const works = places.map(takeAway);
  for (const place of places) {
    // Somebody has called it meanwhile.
    if (sessions.whereIs(place.guildId) !== undefined) continue;
    const isMissed = isAllowed(place) && humansIn({ client }, place.channelId).length > 0;
    works.push(isMissed ? comeBack(place) : forget(place));
    // A restart must not ask for all channels at once.
    if (isMissed) await Promise.allSettled([pause(SECOND_MS, signal)]);
    if (signal.aborted) break;
  }
  await Promise.all(works);

  async function takeAway({ channelId, panel }: VoiceSession): Promise<void> {
    if (panel === undefined) return;
    try {
      await client.rest.delete(Routes.channelMessage(channelId, panel));
    } catch (error) {
      log.info({ err: error, channel: channelId }, 'the panel of before was gone');
    }
  }

  function isAllowed({ guildId }: VoiceSession): boolean {
    return allowedGuilds.length === 0 || allowedGuilds.includes(guildId);
  }

  async function comeBack({ guildId, channelId }: VoiceSession): Promise<void> {
    try {
      await sessions.join({ guildId, channelId }, { signal });
    } catch (error) {
      if (signal.aborted) return;
      log.warn({ err: error, guild: guildId }, 'the voice channel of before could not be rejoined');
    }
  }

  async function forget({ guildId }: VoiceSession): Promise<void> {
    try {
      await store.sessions.remove(guildId);
    } catch (error) {
      log.warn({ err: error, guild: guildId }, 'the voice channel of before was not forgotten');
    }
  }
}
