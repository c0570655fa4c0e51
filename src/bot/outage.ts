import { DiscordAPIError } from 'discord.js';
import { UserError } from '../domain/errors.ts';

/** Whether Discord was not there to say no: the library has already asked several times. */
export function isOutage(error: unknown): boolean {
  return !(error instanceof DiscordAPIError || error instanceof UserError);
}
