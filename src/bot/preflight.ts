import {
  type APIApplication,
  type APIGatewayBotInfo,
  type APIUser,
  DiscordAPIError,
  type REST,
  Routes,
  TeamMemberMembershipState,
} from 'discord.js';
import type { Logger } from 'pino';
import { ConfigError } from '../config.ts';
import type { Snowflake } from '../domain/ids.ts';
import { knockAtGateway } from './log-in.ts';

/** Discord resets the token of a bot that identifies more often than this allows in a day. */
const LEAST_IDENTIFIES_LEFT = 5;

export interface Preflight {
  readonly applicationId: string;
  /** Whoever owns the application: one account, or a team, its owner first. */
  readonly operatorIds: readonly Snowflake[];
}

/**
 * Asks by REST what would otherwise go wrong one identify later, and names the set-up mistakes
 * Discord lets one make.
 * @throws ConfigError when the bot cannot work as it is set up.
 */
export async function preflight(options: {
  rest: REST;
  allowsAllGuilds: boolean;
  log: Logger;
}): Promise<Preflight> {
  const { rest, allowsAllGuilds, log } = options;
  const [, application, gateway] = await ask(rest);
  await knockAtGateway(gateway.url);
  if (application.interactions_endpoint_url)
    throw new ConfigError([
      'The application has an "Interactions Endpoint URL": commands would go there instead of to this bot. Clear it on the General Information page of discord.com/developers.',
    ]);
  if (application.bot_require_code_grant)
    throw new ConfigError([
      'The application has "Requires OAuth2 Code Grant" on: nobody could invite it. Turn it off on the Bot page of discord.com/developers.',
    ]);
  if (gateway.session_start_limit.remaining < LEAST_IDENTIFIES_LEFT)
    throw new ConfigError([
      `Discord allows only ${gateway.session_start_limit.remaining} more logins today, and resets the token past that. Find out why the bot restarts so often, and start it again in ${Math.ceil(gateway.session_start_limit.reset_after / 3_600_000)} hours.`,
    ]);
  if (application.bot_public && allowsAllGuilds)
    log.warn(
      'ANYONE CAN ADD THIS BOT: the application is public and ALLOWED_GUILDS is empty, so any server spends your money. Set ALLOWED_GUILDS, or turn "Public Bot" off.',
    );
  return {
    applicationId: application.id,
    operatorIds: operatorsOf(application),
  };
}

/** Who was only invited to a team is none of it yet. */
function operatorsOf({ team, owner }: APIApplication): readonly Snowflake[] {
  if (!team) return owner ? [owner.id] : [];
  const members = team.members
    .filter(({ membership_state: state }) => state === TeamMemberMembershipState.Accepted)
    .map(({ user }) => user.id);
  return [team.owner_user_id, ...members.filter((id) => id !== team.owner_user_id)];
}

async function ask(rest: REST): Promise<[APIUser, APIApplication, APIGatewayBotInfo]> {
  try {
    return (await Promise.all([
      rest.get(Routes.user()),
      rest.get(Routes.currentApplication()),
      rest.get(Routes.gatewayBot()),
    ])) as [APIUser, APIApplication, APIGatewayBotInfo];
  } catch (error) {
    if (error instanceof DiscordAPIError && error.status === 401)
      throw new ConfigError([
        'DISCORD_TOKEN is refused by Discord: reset it on the Bot page of discord.com/developers and copy the new one.',
      ]);
    throw error;
  }
}
