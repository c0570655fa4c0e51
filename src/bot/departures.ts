import { type Client, Events, type Guild, type GuildMember } from 'discord.js';
import type { Logger } from 'pino';
import type { Snowflake } from '../domain/ids.ts';
import { createRecent } from '../domain/recent.ts';
import { type Clock, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { findMember } from './find-member.ts';

/**
 * Who has left a server. Discord tells of who leaves voice, and of bans where the bot may see the
 * audit log; of any other departure it tells only bots with a privileged intent. So whoever gave no
 * sign of being there for ten seconds is looked for, while something of theirs is to be heard.
 */
export interface Departures {
  /** Answers at once with what is known; where the last sign is old, a look begins beside. */
  hasLeft(member: GuildMember): boolean;
  /** Waits for that look first. Where Discord cannot be asked, nobody has left. */
  look(member: GuildMember): Promise<boolean>;
}

/** How long a sign of somebody's being there counts, and a look. */
const FRESH_MS = 10 * SECOND_MS;
/** Nothing that they asked for waits longer: as long as an answer may be changed. */
const GONE_MS = 15 * MINUTE_MS;

export function createDepartures(options: {
  client: Client;
  clock: Clock;
  log: Logger;
}): Departures {
  const { client, clock, log } = options;
  const here = createRecent({ lifeMs: FRESH_MS, clock });
  const gone = createRecent({ lifeMs: GONE_MS, clock });
  const looks = new Map<string, Promise<void>>();

  client.on(Events.InteractionCreate, ({ guildId, user }) => saw(guildId, user.id));
  client.on(Events.MessageCreate, ({ guildId, author }) => saw(guildId, author.id));
  client.on(Events.VoiceStateUpdate, (_, { guild, id, channelId }) => {
    // Whoever is sent out of a server is first put out of voice: no sign of being there.
    if (channelId === null) here.delete(keyOf(guild.id, id));
    else saw(guild.id, id);
  });
  client.on(Events.GuildBanAdd, ({ guild, user }) => left(guild.id, user.id));

  function saw(guildId: Snowflake | null, userId: Snowflake): void {
    if (guildId === null) return;
    const key = keyOf(guildId, userId);
    here.add(key);
    gone.delete(key);
  }

  function left(guildId: Snowflake, userId: Snowflake): void {
    const key = keyOf(guildId, userId);
    here.delete(key);
    gone.add(key);
  }

  async function lookFor(guild: Guild, userId: Snowflake): Promise<void> {
    const key = keyOf(guild.id, userId);
    try {
      if (!(await findMember(guild, userId))) {
        left(guild.id, userId);
        log.info({ guild: guild.id }, 'a member has left: nothing of theirs is spoken any more');
        return;
      }
    } catch (error) {
      log.warn({ err: error, guild: guild.id }, 'Discord does not say whether a member is there');
    }
    // Also where Discord did not say: it is asked again no sooner. A ban may have come meanwhile.
    if (!gone.has(key)) here.add(key);
  }

  async function look({ guild, id }: GuildMember): Promise<boolean> {
    const key = keyOf(guild.id, id);
    if (!here.has(key) && !gone.has(key)) {
      const running = looks.get(key) ?? lookFor(guild, id).finally(() => looks.delete(key));
      looks.set(key, running);
      await running;
    }
    return gone.has(key);
  }

  return {
    look,
    hasLeft(member) {
      void look(member);
      return gone.has(keyOf(member.guild.id, member.id));
    },
  };
}

function keyOf(guildId: Snowflake, userId: Snowflake): string {
  return `${guildId}:${userId}`;
}
