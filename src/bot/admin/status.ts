import { type ChatInputCommandInteraction, EmbedBuilder } from 'discord.js';
import { formatUsd } from '../../domain/money.ts';
import type { Usage } from '../../store/ledger.ts';
import { VeniceError } from '../../venice/errors.ts';
import type { ProviderAccess } from '../../venice/venice.ts';
import { memberOf } from '../actor.ts';
import type { Bot } from '../bot.ts';
import type { Answer, Call } from '../command.ts';
import { listLimits } from './limits.ts';

type AdminCall = Call<ChatInputCommandInteraction>;

/**
 * How things stand here: limits, sessions, spend, and whether the provider is ready. Only the
 * operator is told how much the provider still has and what the whole bot does with it.
 */
export async function statusCard(call: AdminCall): Promise<Answer> {
  const { interaction, bot } = call;
  const guildId = memberOf(interaction).guild.id;
  const { guilds, sessions, operator } = bot;
  const isOperator = operator.is(interaction.user.id);
  const policy = await guilds.policies.read(guildId);
  const channelId = sessions.whereIs(guildId);
  const embed = new EmbedBuilder().setTitle('Status').setFields(
    { name: 'Speaking', value: policy.isOff ? 'switched **off** (`/mod on`)' : 'on', inline: true },
    {
      name: 'Voice',
      value: channelId
        ? `in <#${channelId}>, ${sessions.queue(guildId).length} line(s)`
        : 'not in a voice channel',
      inline: true,
    },
    { name: 'Spent', value: await wordSpend(bot, guildId, isOperator) },
    { name: 'Provider', value: await wordProvider(call, isOperator) },
    { name: 'Limits', value: await listLimits(call, policy) },
  );
  return { embeds: [embed] };
}

async function wordSpend({ guilds }: Bot, guildId: string, isOperator: boolean): Promise<string> {
  const day = await guilds.money.usage('day', guildId);
  const month = await guilds.money.usage('month', guildId);
  const here = `here: today ${formatUsd(day.microUsd)} for ${day.lines} line(s), this month ${formatUsd(month.microUsd)}`;
  if (!isOperator) return here;
  const { budget } = guilds.money;
  const [botDay, botMonth] = [await guilds.money.usage('day'), await guilds.money.usage('month')];
  return [
    here,
    `the whole bot: today ${wordSum(botDay)} of ${formatUsd(budget.perDay)}, this month ${wordSum(botMonth)} of ${formatUsd(budget.perMonth)}`,
  ].join('\n');
}

/** The bot's own money pays for lines and for clones. */
function wordSum({ microUsd, uploads }: Usage): string {
  return formatUsd(microUsd + uploads.microUsd);
}

async function wordProvider({ bot, signal }: AdminCall, isOperator: boolean): Promise<string> {
  const { venice, catalogue } = bot;
  const { paused, access } = venice.status();
  const models = catalogue.cloning().map(({ id }) => `\`${id}\``);
  const facts = [
    await wordAccess(bot, { isOperator, signal }),
    models.length > 0 ? `clones with ${models.join(', ')}` : 'offers no cloning model to this key',
    ...(isOperator
      ? catalogue
          .cloning()
          .map(({ id }) => `${venice.requestsLeft(id)} request(s) left at once for \`${id}\``)
      : []),
  ];
  if (access === 'no-balance')
    facts.push('said lately that its credit is used up, so nothing is spent until it shows some');
  if (paused.length > 0) facts.push(`paused after too many failed calls: ${paused.join(', ')}`);
  return facts.join(' · ');
}

async function wordAccess(
  { venice, log }: Bot,
  { isOperator, signal }: { isOperator: boolean; signal: AbortSignal },
): Promise<string> {
  try {
    const access = await venice.readAccess({ signal });
    if (!access.accessPermitted) return '**no access** for this key';
    return isOperator ? `ready${wordBalance(access)}` : 'ready';
  } catch (error) {
    if (!(error instanceof VeniceError)) throw error;
    log.warn({ err: error }, 'the provider could not be asked for its readiness');
    const isRefused = error.kind === 'unauthorized' || error.kind === 'forbidden';
    return isRefused ? '**refuses the key**' : '**not answering**';
  }
}

function wordBalance({ balances: { usd, diem } }: ProviderAccess): string {
  const amounts = [
    ...(usd === undefined ? [] : [`$${usd.toFixed(2)}`]),
    ...(diem ? [`${diem.toFixed(2)} DIEM`] : []),
  ];
  return amounts.length === 0 ? '' : `, ${amounts.join(' and ')} left`;
}
