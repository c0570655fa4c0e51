import { type Client, DiscordAPIError, PermissionFlagsBits, RESTJSONErrorCodes } from 'discord.js';
import type { Logger } from 'pino';
import type { Snowflake } from '../domain/ids.ts';
import { type Clock, MINUTE_MS } from '../domain/time.ts';
import type { IsTrusted } from '../guilds/trust.ts';

/** Who has Manage Server changes rarely, and is asked for once in this time. */
const KNOWN_MS = 10 * MINUTE_MS;

/** The servers the operator named, and those where one of them has Manage Server. */
export function createTrust(options: {
  client: Client;
  operatorIds: readonly Snowflake[];
  allowedGuilds: readonly Snowflake[];
  clock: Clock;
  log: Logger;
}): IsTrusted {
  const { client, operatorIds, allowedGuilds, clock, log } = options;
  const known = new Map<Snowflake, { answer: Promise<boolean>; until: number }>();

  return async (guildId) => {
    if (allowedGuilds.includes(guildId)) return true;
    const last = known.get(guildId);
    if (last && last.until > clock()) return await last.answer;
    const answer = isManagedByOperator(guildId);
    known.set(guildId, { answer, until: clock() + KNOWN_MS });
    return await answer;
  };

  async function isManagedByOperator(guildId: Snowflake): Promise<boolean> {
    const guild = client.guilds.cache.get(guildId);
    if (!guild) return false;
    try {
      for (const user of operatorIds)
        if ((await findMember(guild, user))?.permissions.has(PermissionFlagsBits.ManageGuild))
          return true;
    } catch (error) {
      known.delete(guildId);
      log.warn({ err: error, guild: guildId }, 'whether the operator manages a server is unknown');
    }
    return false;
  }
}

/** Asked anew: no event tells of a member's roles. */
async function findMember(
  guild: NonNullable<ReturnType<Client['guilds']['cache']['get']>>,
  user: Snowflake,
) {
  try {
    return await guild.members.fetch({ user, force: true });
  } catch (error) {
    if (error instanceof DiscordAPIError && error.code === RESTJSONErrorCodes.UnknownMember)
      return undefined;
    throw error;
  }
}
