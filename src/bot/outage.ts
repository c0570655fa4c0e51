import { RateLimitError } from 'discord.js';
import { isAway } from './until-reached.ts';

/**
 * Whether Discord said neither yes nor no, but may later: it was not there, though the library has
 * asked several times, or it has had enough for now.
 */
export function isOutage(error: unknown): boolean {
  return isAway(error) || error instanceof RateLimitError;
}
