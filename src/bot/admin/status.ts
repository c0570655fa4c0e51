import { type ChatInputCommandInteraction, EmbedBuilder } from 'discord.js';
import { formatUsd } from '../../domain/money.ts';
import { VeniceError } from '../../venice/errors.ts';
import type { ProviderAccess } from '../../venice/venice.ts';
import { memberOf } from '../actor.ts';
import type { Bot } from '../bot.ts';
import type { Answer, Call } from '../command.ts';
import { listLimits } from './limits.ts';

/** How things stand here: limits, sessions, spend, and whether the provider is ready. */
export async function statusCard({
  interaction,
  bot,
  signal,
}: Call<ChatInputCommandInteraction>): Promise<Answer> {
  const guildId = memberOf(interaction).guild.id;
  const { guilds, sessions } = bot;
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
    { name: 'Spent', value: await wordSpend(bot, guildId) },
    { name: 'Provider', value: await wordProvider(bot, signal) },
    { name: 'Limits', value: listLimits(bot, policy) },
  );
  return { embeds: [embed] };
}

async function wordSpend({ guilds }: Bot, guildId: string): Promise<string> {
  const day = await guilds.money.usage('day', guildId);
  const month = await guilds.money.usage('month', guildId);
  const { budget } = guilds.money;
  const [botDay, botMonth] = [await guilds.money.usage('day'), await guilds.money.usage('month')];
  return [
    `here: today ${formatUsd(day.microUsd)} for ${day.lines} line(s), this month ${formatUsd(month.microUsd)}`,
    `the whole bot: today ${formatUsd(botDay.microUsd)} of ${formatUsd(budget.perDay)}, this month ${formatUsd(botMonth.microUsd)} of ${formatUsd(budget.perMonth)}`,
  ].join('\n');
}

async function wordProvider(bot: Bot, signal: AbortSignal): Promise<string> {
  const { venice, catalogue } = bot;
  const { requestsLeft, isPaused, access } = venice.status();
  const models = catalogue.cloning().map(({ id }) => `\`${id}\``);
  const facts = [
    await wordAccess(bot, signal),
    models.length > 0 ? `clones with ${models.join(', ')}` : 'offers no cloning model to this key',
    `${requestsLeft} request(s) left at once`,
  ];
  if (access === 'no-balance')
    facts.push(
      'said lately that its credit is used up, so it is asked for speech every ten minutes',
    );
  if (isPaused) facts.push('paused, after too many failed calls');
  return facts.join(' · ');
}

async function wordAccess({ venice, log }: Bot, signal: AbortSignal): Promise<string> {
  try {
    const access = await venice.readAccess({ signal });
    return access.accessPermitted ? `ready${wordBalance(access)}` : '**no access** for this key';
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
