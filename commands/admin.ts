import {
  type ChatInputCommandInteraction,
  PermissionFlagsBits,
  SlashCommandBuilder,
} from 'discord.js';
import { memberOf } from '../src/bot/actor.ts';
import { accessCard, clearAccess, setAccess } from '../src/bot/admin/access.ts';
import { LIMIT_OPTIONS, limitsCard, setLimits } from '../src/bot/admin/limits.ts';
import { statusCard } from '../src/bot/admin/status.ts';
import { usageCard } from '../src/bot/admin/usage.ts';
import type { Answer, Call, Command } from '../src/bot/command.ts';
import { oneOf } from '../src/bot/options.ts';
import { ADDED_TO, IN_SERVERS } from '../src/bot/places.ts';
import { runSubcommand, type Subcommands } from '../src/bot/subcommands.ts';
import { UserError } from '../src/domain/errors.ts';
import { isAdmin } from '../src/guilds/access.ts';

type AdminCall = Call<ChatInputCommandInteraction>;

const WHAT = ['clone', 'speak', 'moderate'] as const;
const RULES = ['allow', 'deny', 'clear'] as const;
const PERIODS = ['day', 'week', 'month'] as const;

const data = new SlashCommandBuilder()
  .setName('admin')
  .setDescription('Decide who may do what here, and what it may cost')
  .setContexts(IN_SERVERS)
  .setIntegrationTypes(ADDED_TO)
  .setDefaultMemberPermissions(PermissionFlagsBits.ManageGuild)
  .addSubcommand((sub) =>
    sub
      .setName('status')
      .setDescription('Limits, sessions, spend, and whether the provider is ready'),
  )
  .addSubcommand((sub) =>
    sub
      .setName('access')
      .setDescription(
        'Who may clone, speak or moderate, and where (with nothing filled in: show it)',
      )
      .addStringOption((option) =>
        option
          .setName('what')
          .setDescription('What the rule is about')
          .addChoices(...WHAT.map((value) => ({ name: value, value }))),
      )
      .addStringOption((option) =>
        option
          .setName('rule')
          .setDescription('Allow or deny it, or clear the rules')
          .addChoices(...RULES.map((value) => ({ name: value, value }))),
      )
      .addRoleOption((option) =>
        option.setName('role').setDescription('For members with this role'),
      )
      .addChannelOption((option) => option.setName('channel').setDescription('In this channel')),
  )
  .addSubcommand((sub) =>
    sub
      .setName('limits')
      .setDescription('Set limits (with nothing filled in: show them)')
      .addIntegerOption((option) =>
        option
          .setName('text')
          .setDescription('Most characters in a line (up to 4000)')
          .setMinValue(1),
      )
      .addIntegerOption((option) =>
        option
          .setName('lines_per_minute')
          .setDescription('Lines a member may send a minute')
          .setMinValue(1),
      )
      .addIntegerOption((option) =>
        option
          .setName('characters_per_day')
          .setDescription('Characters a member may send a day')
          .setMinValue(0),
      )
      .addIntegerOption((option) =>
        option
          .setName('server_characters_per_day')
          .setDescription('Characters the whole server may send a day')
          .setMinValue(0),
      )
      .addIntegerOption((option) =>
        option.setName('waiting').setDescription('Lines of a member that may wait').setMinValue(1),
      )
      .addNumberOption((option) =>
        option
          .setName('budget_per_day')
          .setDescription('US dollars this server may spend a day')
          .setMinValue(0),
      )
      .addNumberOption((option) =>
        option
          .setName('budget_per_month')
          .setDescription('US dollars this server may spend a month')
          .setMinValue(0),
      )
      .addStringOption((option) =>
        option
          .setName('reset')
          .setDescription('Set one of these back to its default')
          .addChoices(...LIMIT_OPTIONS.map((value) => ({ name: value, value }))),
      ),
  )
  .addSubcommand((sub) =>
    sub
      .setName('usage')
      .setDescription('What this server spoke and spent')
      .addStringOption((option) =>
        option
          .setName('period')
          .setDescription('How far back (today if left out)')
          .addChoices(...PERIODS.map((value) => ({ name: value, value }))),
      ),
  );

const SUBCOMMANDS: Subcommands = {
  status: statusCard,
  access,
  limits: (call) => limits(call),
  usage: (call) =>
    usageCard(
      call,
      oneOf('period', call.interaction.options.getString('period'), PERIODS) ?? 'day',
    ),
};

export default {
  data: data.toJSON(),
  async run(call) {
    memberOf(call.interaction);
    // The defaults of a command only hide it: a server's settings can show it to anybody.
    if (!isAdmin(call.interaction.memberPermissions?.bitfield ?? 0n))
      throw new UserError({ code: 'E_NEEDS_RIGHT', right: 'Manage Server' });
    return await runSubcommand(call, SUBCOMMANDS);
  },
} satisfies Command;

async function access(call: AdminCall): Promise<Answer> {
  const { options } = call.interaction;
  const what = oneOf('what', options.getString('what'), WHAT);
  const rule = oneOf('rule', options.getString('rule'), RULES);
  const [role, channel] = [options.getRole('role'), options.getChannel('channel')];
  const subjects = [
    ...(role ? [{ subject: 'role', subjectId: role.id } as const] : []),
    ...(channel ? [{ subject: 'channel', subjectId: channel.id } as const] : []),
  ];
  if (what === undefined && rule === undefined && subjects.length === 0)
    return await accessCard(call);
  if (what === undefined || rule === undefined)
    throw new UserError({ code: 'E_ACCESS_SUBJECT', why: 'incomplete' });
  if (rule === 'clear') return await clearAccess(call, what, subjects);
  if (subjects.length === 0) throw new UserError({ code: 'E_ACCESS_SUBJECT', why: 'none' });
  if (what === 'moderate' && channel)
    throw new UserError({ code: 'E_ACCESS_SUBJECT', why: 'moderators-by-role' });
  return await setAccess(call, what, rule, subjects);
}

async function limits(call: AdminCall): Promise<Answer> {
  const { options } = call.interaction;
  const given = {
    textMax: options.getInteger('text'),
    linesPerMinute: options.getInteger('lines_per_minute'),
    charactersPerDay: options.getInteger('characters_per_day'),
    serverCharactersPerDay: options.getInteger('server_characters_per_day'),
    waiting: options.getInteger('waiting'),
    budgetPerDay: options.getNumber('budget_per_day'),
    budgetPerMonth: options.getNumber('budget_per_month'),
  };
  const isEmpty = Object.values(given).every((value) => value === null);
  const reset = oneOf('reset', options.getString('reset'), LIMIT_OPTIONS);
  if (isEmpty && reset === undefined) return await limitsCard(call);
  return await setLimits(call, given, reset);
}
