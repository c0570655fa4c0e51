import { DiscordAPIError, type Guild, RESTJSONErrorCodes } from 'discord.js';
import type { Snowflake } from '../domain/ids.ts';

/**
 * Whether somebody is a member of a server; if so, their roles and time-out are known anew. Asked by
 * REST: without a privileged intent the gateway does not tell of who leaves or changes.
 */
export async function isMember({ members }: Guild, userId: Snowflake): Promise<boolean> {
  try {
    await members.fetch({ user: userId, force: true });
    return true;
  } catch (error) {
    if (error instanceof DiscordAPIError && UNKNOWN.includes(error.code)) return false;
    throw error;
  }
}

/** The second one: an account that was deleted. */
const UNKNOWN: readonly unknown[] = [
  RESTJSONErrorCodes.UnknownMember,
  RESTJSONErrorCodes.UnknownUser,
];
