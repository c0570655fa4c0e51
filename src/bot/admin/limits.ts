import { type ChatInputCommandInteraction, EmbedBuilder } from 'discord.js';
import { UserError } from '../../domain/errors.ts';
import type { Snowflake } from '../../domain/ids.ts';
import { formatUsd, type MicroUsd } from '../../domain/money.ts';
import { burstOf } from '../../guilds/limits.ts';
import { boundsUnder, type Policy, readBudget } from '../../guilds/policy.ts';
import type { GuildSettings } from '../../store/guilds.ts';
import { memberOf } from '../actor.ts';
import { recordAct } from '../audit.ts';
import type { Bot } from '../bot.ts';
import type { Answer, Call } from '../command.ts';
import { wordWhen } from '../markup.ts';
import { inRange } from '../options.ts';

type AdminCall = Call<ChatInputCommandInteraction>;

/** The option that sets each limit, for naming it in a refusal. */
const OPTIONS = {
  textMax: 'text',
  linesPerMinute: 'lines_per_minute',
  charactersPerDay: 'characters_per_day',
  serverCharactersPerDay: 'server_characters_per_day',
  waiting: 'waiting',
  budgetPerDay: 'budget_per_day',
  budgetPerMonth: 'budget_per_month',
} as const satisfies Record<keyof GuildSettings, string>;

export type LimitOption = (typeof OPTIONS)[keyof GuildSettings];
/** What can be set back to its default. */
export const LIMIT_OPTIONS: readonly LimitOption[] = Object.values(OPTIONS);

/**
 * Sets the limits that were given, sets one back to its default, and shows them all.
 * @throws UserError E_OPT_RANGE, E_OPT_RESET.
 */
export async function setLimits(
  call: AdminCall,
  given: Readonly<Record<keyof GuildSettings, number | null>>,
  reset: LimitOption | undefined,
): Promise<Answer> {
  const { guild } = memberOf(call.interaction);
  const { policies } = call.bot.guilds;
  const bounds = boundsUnder(await givenTo(call.bot, guild.id));
  const keys = Object.keys(OPTIONS) as (keyof GuildSettings)[];
  const changes = Object.fromEntries(
    keys.flatMap((key) => {
      if (OPTIONS[key] === reset) {
        if (given[key] !== null) throw new UserError({ code: 'E_OPT_RESET', option: reset });
        return [[key, undefined]];
      }
      const value = inRange(OPTIONS[key], given[key], bounds[key].range, bounds[key].whose);
      if (value === undefined) return [];
      return [[key, key.startsWith('budget') ? readBudget(value) : value]];
    }),
  );
  const policy = await policies.patch(guild.id, changes);
  const noted = reset === undefined ? changes : { ...changes, reset };
  await recordAct(call, 'limits', JSON.stringify(noted));
  return await card('Limits of this server, as set', call, policy);
}

export async function limitsCard(call: AdminCall): Promise<Answer> {
  const { interaction, bot } = call;
  const policy = await bot.guilds.policies.read(memberOf(interaction).guild.id);
  return await card('Limits of this server', call, policy);
}

async function card(title: string, call: AdminCall, policy: Policy): Promise<Answer> {
  const list = await listLimits(call, policy);
  const embed = new EmbedBuilder().setTitle(title).setDescription(list);
  return { embeds: [embed] };
}

/** The limits as lines, also for the status card; how much the whole bot has, to its operator alone. */
export async function listLimits({ interaction, bot }: AdminCall, policy: Policy): Promise<string> {
  const { guilds, operator, clock } = bot;
  const { perDay, perMonth } = guilds.money.budget;
  const { trial, budgetPerDay, budgetPerMonth } = policy;
  const ofBot = (amount: number) =>
    operator.is(interaction.user.id)
      ? `; the whole bot has ${formatUsd(amount)}`
      : '; whoever runs this bot limits all servers together';
  const budget = (amount: number | undefined) =>
    amount === undefined ? 'none of its own' : formatUsd(amount);
  const given = await givenTo(bot, memberOf(interaction).guild.id);
  const gift =
    given === undefined
      ? ''
      : `; whoever runs this bot gives it ${formatUsd(given)}${clock() < trial.until ? `, and ${formatUsd(trial.budget)} as a new server until ${wordWhen(trial.until)}` : ''}`;
  return [
    `\`text\`: ${policy.textMax} characters in a line`,
    `\`lines_per_minute\`: ${policy.linesPerMinute} a member, up to ${burstOf(policy.linesPerMinute)} of them at once`,
    `\`characters_per_day\`: ${policy.charactersPerDay} a member`,
    `\`server_characters_per_day\`: ${policy.serverCharactersPerDay}`,
    `\`waiting\`: ${policy.waiting} lines a member, ${policy.serverWaiting} in all`,
    `\`budget_per_day\`: ${budget(budgetPerDay)}${gift}${ofBot(perDay)}`,
    `\`budget_per_month\`: ${budget(budgetPerMonth)}${ofBot(perMonth)}`,
  ].join('\n');
}

/** What the operator gives the server a day; undefined where the bot's own budget alone binds. */
async function givenTo({ guilds }: Bot, guildId: Snowflake): Promise<MicroUsd | undefined> {
  if (await guilds.isTrusted(guildId)) return undefined;
  return (await guilds.policies.read(guildId)).givenPerDay;
}
