import { UserError } from '../../domain/errors.ts';
import { createdAtOf } from '../../domain/ids.ts';
import { MIN_ACCOUNT_AGE_MS, MIN_MEMBERSHIP_MS } from '../../domain/limits.ts';
import { actorHere } from '../actor.ts';
import type { Call } from '../command.ts';
import type { CloneInteraction } from './clone-wish.ts';

/**
 * Whether this member may clone at all, here: the server's rules, neither the account nor the
 * membership brand-new, and few refused recordings lately. In direct messages no server counts.
 * @throws UserError.
 */
export async function checkMayClone({
  interaction,
  bot,
}: Pick<Call<CloneInteraction>, 'interaction' | 'bot'>): Promise<void> {
  const now = bot.clock();
  const accountUntil = createdAtOf(interaction.user.id) + MIN_ACCOUNT_AGE_MS;
  if (accountUntil > now)
    throw new UserError({ code: 'E_TOO_NEW', what: 'account', until: accountUntil });
  await bot.guilds.limits.checkRecordings(interaction.user.id);
  if (!interaction.inCachedGuild()) return;
  await bot.guilds.access.authorize('clone', actorHere(interaction, bot));
  const memberUntil = (interaction.member.joinedTimestamp ?? 0) + MIN_MEMBERSHIP_MS;
  if (memberUntil > now)
    throw new UserError({ code: 'E_TOO_NEW', what: 'membership', until: memberUntil });
}
