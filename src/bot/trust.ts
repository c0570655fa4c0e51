import { type Client, type Guild, PermissionFlagsBits } from 'discord.js';
import type { Logger } from 'pino';
import type { Snowflake } from '../domain/ids.ts';
import { type Clock, MINUTE_MS } from '../domain/time.ts';
import type { IsTrusted } from '../guilds/trust.ts';
import { findMember } from './find-member.ts';

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
    for (const userId of operatorIds) if (await manages(guild, userId)) return true;
    return false;
  }

  async function manages(guild: Guild, userId: Snowflake): Promise<boolean> {
    try {
      const member = await findMember(guild, userId);
      return member?.permissions.has(PermissionFlagsBits.ManageGuild) ?? false;
    } catch (error) {
      known.delete(guild.id);
      log.warn({ err: error, guild: guild.id }, 'whether the operator manages a server is unknown');
      return false;
    }
  }
}
