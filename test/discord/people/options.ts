import type { APIApplicationCommand } from 'discord.js';
import { channelJson, memberJson, roleJson } from '../wire/guild.ts';
import { userJson } from '../wire/user.ts';
import type { Guild, World } from '../world/world.ts';

/** A file a member attaches to a command. */
export interface Attached {
  readonly url: string;
  readonly filename: string;
  readonly size: number;
  readonly contentType?: string | undefined;
}

export type OptionValue = string | number | boolean | Attached;

interface OptionRule {
  readonly type: number;
  readonly name: string;
  readonly required?: boolean;
  readonly autocomplete?: boolean;
  readonly choices?: readonly { readonly value: string | number }[];
  readonly options?: readonly OptionRule[];
}

/**
 * Fills in a command as Discord's client does. @param words the command and its subcommand.
 * @throws Error when the command does not know an option, or lacks a required one.
 */
export function fillCommand(
  world: World,
  guild: Guild | undefined,
  words: readonly string[],
  given: Readonly<Record<string, OptionValue | undefined>>,
  {
    isTyping = false,
    isRaw = false,
    focused,
  }: { isTyping?: boolean; isRaw?: boolean; focused?: string } = {},
) {
  const [name = '', ...rest] = words;
  const command = findCommand(world, guild, name);
  const resolved: Record<string, Record<string, unknown>> = {};
  let rules = (command.options ?? []) as unknown as readonly OptionRule[];
  const path = rest.map((word) => {
    const rule = rules.find((one) => one.name === word && one.type <= 2);
    if (!rule) throw new Error(`/${words.join(' ')} is not registered`);
    rules = rule.options ?? [];
    return rule;
  });
  const values = Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([option, value]) => {
      const rule = rules.find((one) => one.name === option);
      if (!rule) throw new Error(`/${words.join(' ')} has no option ${option}`);
      return {
        name: option,
        type: rule.type,
        value: fill(world, guild, rule, value as OptionValue, { resolved, isRaw }),
        ...(option === focused && { focused: true }),
      };
    });
  const missing = rules.filter(
    ({ required, name: option }) => required && given[option] === undefined,
  );
  if (missing.length > 0 && !isTyping)
    throw new Error(`/${words.join(' ')} needs ${missing.map((one) => one.name).join(', ')}`);
  const options = path.reduceRight<unknown[]>(
    (inner, rule) => [{ name: rule.name, type: rule.type, options: inner }],
    values,
  );
  return {
    id: command.id,
    name,
    type: 1,
    options,
    resolved,
    ...(command.guild_id && { guild_id: command.guild_id }),
  };
}

function findCommand(world: World, guild: Guild | undefined, name: string): APIApplicationCommand {
  const scopes = [...(guild ? [guild.id] : []), 'global'];
  const found = scopes
    .flatMap((scope) => world.commands.get(scope) ?? [])
    .find((one) => one.name === name);
  if (!found) throw new Error(`/${name} is not registered`);
  const context = guild ? 0 : 1;
  if (found.contexts && !found.contexts.includes(context))
    throw new Error(`/${name} cannot be used here`);
  return found;
}

function fill(
  world: World,
  guild: Guild | undefined,
  { type, name, choices }: OptionRule,
  value: OptionValue,
  { resolved, isRaw }: { resolved: Record<string, Record<string, unknown>>; isRaw: boolean },
): unknown {
  const put = (kind: string, id: string, what: unknown) => {
    resolved[kind] ??= {};
    resolved[kind][id] = what;
    return id;
  };
  if (type === 11) {
    const { url, filename, size, contentType } = value as Attached;
    const id = world.nextId();
    return put('attachments', id, {
      id,
      filename,
      size,
      url,
      proxy_url: url,
      ephemeral: true,
      ...(contentType && { content_type: contentType }),
    });
  }
  if (type === 6) {
    const user = world.users.get(String(value));
    const member = guild?.members.get(String(value));
    if (!user) throw new Error(`There is no user ${String(value)}`);
    if (guild && member)
      put('members', user.id, { ...memberJson(guild, member), permissions: '0' });
    return put('users', user.id, userJson(user));
  }
  if (type === 7) {
    const channel = world.channels.get(String(value));
    if (!channel) throw new Error(`There is no channel ${String(value)}`);
    return put('channels', channel.id, { ...channelJson(channel), permissions: '0' });
  }
  if (type === 8) {
    const role = guild?.roles.get(String(value));
    if (!guild || !role) throw new Error(`There is no role ${String(value)}`);
    return put('roles', role.id, roleJson(guild, role));
  }
  if (!isRaw && choices?.length && !choices.some((choice) => choice.value === value))
    throw new Error(`${name} takes no ${String(value)}`);
  return value;
}
