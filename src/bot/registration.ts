import {
  type APIApplicationCommand,
  type Client,
  InteractionContextType,
  type REST,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
  Routes,
} from 'discord.js';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';

type Body = RESTPostAPIChatInputApplicationCommandsJSONBody;

/**
 * Tells Discord of the commands where they changed. With a development guild the server commands go
 * there, where they appear at once; those that also work in direct messages stay global.
 */
export async function registerCommands(
  commands: readonly Body[],
  options: { rest: REST; applicationId: string; guildId: string | undefined; log: Logger },
): Promise<void> {
  const { rest, applicationId, guildId, log } = options;
  const global = Routes.applicationCommands(applicationId);
  if (guildId === undefined) return await put(rest, global, commands, log);
  const inMessages = (body: Body) => body.contexts?.includes(InteractionContextType.BotDM) ?? false;
  await put(rest, global, commands.filter(inMessages), log);
  const here = Routes.applicationGuildCommands(applicationId, guildId);
  await put(rest, here, commands.filter((body) => !inMessages(body)).map(withoutPlace), log);
}

/** Names servers that the configuration speaks of and the bot is not in: a slip in an id, mostly. */
export function warnOfAbsence(
  client: Client<true>,
  { GUILD_ID, ALLOWED_GUILDS }: Pick<Config, 'GUILD_ID' | 'ALLOWED_GUILDS'>,
  log: Logger,
): void {
  const isAbsent = (id: string) => !client.guilds.cache.has(id);
  if (GUILD_ID !== undefined && isAbsent(GUILD_ID))
    log.warn({ guild: GUILD_ID }, 'GUILD_ID names a server this bot is not in; invite it there');
  const absent = ALLOWED_GUILDS.filter(isAbsent);
  if (absent.length > 0)
    log.warn(
      { guilds: absent },
      'ALLOWED_GUILDS names servers this bot is not in; invite it there',
    );
}

/** How many servers are looked at: this is a mistake of development, made in one or two. */
const MOST_GUILDS = 10;

/** Names servers that still have commands of their own, from a time with GUILD_ID: all show twice. */
export async function warnOfLeftOvers(
  client: Client<true>,
  applicationId: string,
  log: Logger,
): Promise<void> {
  for (const guild of [...client.guilds.cache.keys()].slice(0, MOST_GUILDS)) {
    try {
      const route = Routes.applicationGuildCommands(applicationId, guild);
      const present = (await client.rest.get(route)) as APIApplicationCommand[];
      if (present.length > 0)
        log.warn(
          { guild, commands: present.length },
          'this server has commands left over from GUILD_ID, so its members see each twice; start once with GUILD_ID set to another server of yours, or delete them on discord.com/developers',
        );
    } catch (error) {
      log.debug({ err: error, guild }, 'the commands of a server could not be read');
    }
  }
}

/** A command of one guild knows no contexts and no ways of installing. */
function withoutPlace({ contexts: _, integration_types: __, ...body }: Body): Body {
  return body;
}

async function put(rest: REST, route: `/${string}`, wanted: readonly Body[], log: Logger) {
  const query = new URLSearchParams({ with_localizations: 'true' });
  const present = (await rest.get(route, { query })) as APIApplicationCommand[];
  const byName = (bodies: readonly { name: string }[]) =>
    bodies.toSorted((a, b) => a.name.localeCompare(b.name)).map(canonical);
  if (JSON.stringify(byName(present)) === JSON.stringify(byName(wanted))) return;
  await rest.put(route, { body: wanted });
  log.info({ commands: wanted.length }, 'registered the commands');
}

/** Only what we decide, without what Discord adds and without its spelled-out defaults. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, inner]) => !ADDED.has(key) && !isDefault(key, inner))
    .sort(([a], [b]) => a.localeCompare(b));
  return Object.fromEntries(entries.map(([key, inner]) => [key, canonical(inner)]));
}

const ADDED = new Set([
  'id',
  'application_id',
  'guild_id',
  'version',
  'default_permission',
  'dm_permission',
  'handler',
]);

function isDefault(key: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  if (key === 'type' && value === 1) return true;
  return Array.isArray(value) && value.length === 0;
}
