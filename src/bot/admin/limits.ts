import { type ChatInputCommandInteraction, EmbedBuilder } from 'discord.js';
import { formatUsd } from '../../domain/money.ts';
import { burstOf } from '../../guilds/limits.ts';
import { BOUNDS, type Policy, readBudget } from '../../guilds/policy.ts';
import type { GuildSettings } from '../../store/guilds.ts';
import { memberOf } from '../actor.ts';
import { recordAct } from '../audit.ts';
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

/** Sets the limits that were given, and shows them all. @throws UserError E_OPT_RANGE. */
export async function setLimits(
  call: AdminCall,
  given: Readonly<Record<keyof GuildSettings, number | null>>,
): Promise<Answer> {
  const { guild } = memberOf(call.interaction);
  const keys = (Object.keys(given) as (keyof GuildSettings)[]).filter((key) => given[key] !== null);
  const changes = Object.fromEntries(
    keys.map((key) => {
      const value = inRange(OPTIONS[key], given[key], BOUNDS[key]);
      return [key, key.startsWith('budget') ? readBudget(value) : value];
    }),
  );
  const policy = await call.bot.guilds.policies.patch(guild.id, changes);
  await recordAct(call, 'limits', JSON.stringify(changes));
  return card('Limits of this server, as set', call, policy);
}

export async function limitsCard(call: AdminCall): Promise<Answer> {
  const { interaction, bot } = call;
  const policy = await bot.guilds.policies.read(memberOf(interaction).guild.id);
  return card('Limits of this server', call, policy);
}

function card(title: string, call: AdminCall, policy: Policy): Answer {
  const embed = new EmbedBuilder().setTitle(title).setDescription(listLimits(call, policy));
  return { embeds: [embed] };
}

/** The limits as lines, also for the status card; how much the whole bot has, to its operator alone. */
export function listLimits({ interaction, bot }: AdminCall, policy: Policy): string {
  const { guilds, operator, clock } = bot;
  const { perDay, perMonth } = guilds.money.budget;
  const { trial, budgetPerDay, budgetPerMonth } = policy;
  const ofBot = (amount: number) =>
    operator.is(interaction.user.id)
      ? `; the whole bot has ${formatUsd(amount)}`
      : '; whoever runs this bot limits all servers together';
  const budget = (amount: number | undefined) =>
    amount === undefined ? 'none of its own' : formatUsd(amount);
  const isOnTrial = budgetPerDay === undefined && clock() < trial.until;
  return [
    `\`text\`: ${policy.textMax} characters in a line`,
    `\`lines_per_minute\`: ${policy.linesPerMinute} a member, up to ${burstOf(policy.linesPerMinute)} of them at once`,
    `\`characters_per_day\`: ${policy.charactersPerDay} a member`,
    `\`server_characters_per_day\`: ${policy.serverCharactersPerDay}`,
    `\`waiting\`: ${policy.waiting} lines a member, ${policy.serverWaiting} in all`,
    isOnTrial
      ? `\`budget_per_day\`: ${formatUsd(trial.budget)} for a new server, until ${wordWhen(trial.until)} or until you set one${ofBot(perDay)}`
      : `\`budget_per_day\`: ${budget(budgetPerDay)}${ofBot(perDay)}`,
    `\`budget_per_month\`: ${budget(budgetPerMonth)}${ofBot(perMonth)}`,
  ].join('\n');
}
