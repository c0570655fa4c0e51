import { DiscordAPIError, type Guild, type GuildMember, RESTJSONErrorCodes } from 'discord.js';
import type { Snowflake } from '../domain/ids.ts';

/**
 * A member of a server, with their roles and time-out known anew; undefined for whoever is none.
 * Asked by REST: without a privileged intent the gateway does not tell of who leaves or changes.
 */
export async function findMember(
  { members }: Guild,
  userId: Snowflake,
): Promise<GuildMember | undefined> {
  try {
    return await members.fetch({ user: userId, force: true });
  } catch (error) {
    if (error instanceof DiscordAPIError && UNKNOWN.includes(error.code)) return undefined;
    throw error;
  }
}

/** The second one: an account that was deleted. */
const UNKNOWN: readonly unknown[] = [
  RESTJSONErrorCodes.UnknownMember,
  RESTJSONErrorCodes.UnknownUser,
];
