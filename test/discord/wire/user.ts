import type { APIApplication, APITeam, APITeamMember, APIUser } from 'discord.js';
import type { Application, User } from '../world/world.ts';

/** A user as the API shows one. */
export function userJson({ id, username, displayName, isBot }: User): APIUser {
  return {
    id,
    username,
    discriminator: isBot ? '4321' : '0',
    global_name: isBot ? null : displayName,
    avatar: null,
    ...(isBot ? { bot: true } : {}),
    public_flags: 0 as never,
    flags: 0 as never,
  };
}

/** The application as its own bot sees it. */
export function applicationJson(
  application: Application,
  bot: User,
  guilds: number,
): APIApplication {
  return {
    id: application.id,
    name: application.name,
    icon: null,
    description: '',
    bot: userJson(bot),
    bot_public: application.isPublic,
    bot_require_code_grant: application.requiresCodeGrant,
    owner: userJson(ownerOf(application)),
    verify_key: '0'.repeat(64),
    team: teamJson(application),
    flags: application.flags,
    approximate_guild_count: guilds,
    approximate_user_install_count: 0,
    interactions_endpoint_url: application.interactionsEndpointUrl,
    redirect_uris: [],
    event_webhooks_status: 1,
  } as unknown as APIApplication;
}

/** A team's application is owned by an account that nobody has, made up for the team. */
function ownerOf({ id, owner, team }: Application): User {
  return team ? { ...owner, id: teamIdOf(id), username: `team${teamIdOf(id)}` } : owner;
}

function teamJson({ id, team }: Application): APITeam | null {
  if (!team) return null;
  const member = (user: User, state: number) =>
    ({
      membership_state: state,
      team_id: teamIdOf(id),
      user: userJson(user),
      role: 'developer',
      permissions: ['*'],
    }) as unknown as APITeamMember;
  return {
    id: teamIdOf(id),
    icon: null,
    name: 'Team',
    owner_user_id: team.owner.id,
    members: [
      ...team.members.map((user) => member(user, 2)),
      ...team.invited.map((user) => member(user, 1)),
    ],
  };
}

function teamIdOf(applicationId: string): string {
  return String(BigInt(applicationId) + 1n);
}
