import type { Snowflake } from '../domain/ids.ts';
import type { Reached } from '../store/ledger.ts';
import { isReached, type NamedCap } from './caps.ts';

/** Whether only the bot's own budget binds a server, as the operator's own or one they named. */
export type IsTrusted = (guildId: Snowflake) => Promise<boolean>;

/**
 * Runs with the operator's bounds, and again without them where one was reached and the server turns
 * out to be trusted: it is asked of Discord, which no line should wait for without need.
 */
export async function trustedWhereItMatters<T>(
  isTrusted: IsTrusted,
  guildId: Snowflake | undefined,
  run: (isTrusted: boolean) => Promise<T | Reached<NamedCap>>,
): Promise<T | Reached<NamedCap>> {
  const first = await run(false);
  const isBound = isReached(first) && first.cap.whose === 'operator';
  if (!isBound || guildId === undefined || !(await isTrusted(guildId))) return first;
  return await run(true);
}
