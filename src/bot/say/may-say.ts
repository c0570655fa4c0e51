import type { GuildMember } from 'discord.js';
import { UserError } from '../../domain/errors.ts';
import type { Actor } from '../../guilds/access.ts';
import { actorHere, actorOf } from '../actor.ts';
import type { Call } from '../command.ts';
import { checkMayPost, checkMaySpeak } from '../permissions.ts';
import { checkFree } from './aloud.ts';
import type { SayInteraction } from './ready-line.ts';
import type { Way } from './wish.ts';

/**
 * Whether a line of this member may go this way now, whatever it says and costs: the rules of the
 * server, the rights of both, and room in the queue. Nothing is taken for it.
 * @throws UserError.
 */
export async function checkMaySay(
  { interaction, bot }: Pick<Call<SayInteraction>, 'interaction' | 'bot'>,
  way: Way,
  member: GuildMember,
): Promise<Actor> {
  if (!interaction.inCachedGuild()) throw new UserError({ code: 'E_GUILD_ONLY' });
  const { guilds, sessions } = bot;
  const actor =
    way.kind === 'voice' ? actorOf(interaction, way.channel) : actorHere(interaction, bot);
  await guilds.access.authorize('speak', actor);
  if (way.kind === 'voice') {
    checkMaySpeak(member, way.channel);
    checkFree(bot, way.channel);
    const policy = await guilds.policies.read(actor.guildId);
    sessions.checkRoom({ guildId: actor.guildId, requester: member.id }, policy);
  } else checkMayPost(interaction, way.kind);
  return actor;
}
