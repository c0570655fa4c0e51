import { type ChatInputCommandInteraction, EmbedBuilder } from 'discord.js';
import { formatUsd } from '../../domain/money.ts';
import { BOUNDS, type Policy, readBudget } from '../../guilds/policy.ts';
import type { GuildSettings } from '../../store/guilds.ts';
import { memberOf } from '../actor.ts';
import { recordAct } from '../audit.ts';
import type { Answer, Call } from '../command.ts';
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
  return card('Limits of this server, as set', policy);
}

export async function limitsCard({ interaction, bot }: AdminCall): Promise<Answer> {
  const policy = await bot.guilds.policies.read(memberOf(interaction).guild.id);
  return card('Limits of this server', policy);
}

function card(title: string, policy: Policy): Answer {
  const embed = new EmbedBuilder().setTitle(title).setDescription(listLimits(policy));
  return { embeds: [embed] };
}

/** The limits as lines, also for the status card. */
export function listLimits(policy: Policy): string {
  const budget = (amount: number | undefined) =>
    amount === undefined ? 'none of its own' : formatUsd(amount);
  return [
    `\`text\`: ${policy.textMax} characters in a line`,
    `\`lines_per_minute\`: ${policy.linesPerMinute} a member, after a burst of 10`,
    `\`characters_per_day\`: ${policy.charactersPerDay} a member`,
    `\`server_characters_per_day\`: ${policy.serverCharactersPerDay}`,
    `\`waiting\`: ${policy.waiting} lines a member, ${policy.serverWaiting} in all`,
    `\`budget_per_day\`: ${budget(policy.budgetPerDay)}`,
    `\`budget_per_month\`: ${budget(policy.budgetPerMonth)}`,
  ].join('\n');
}
