import {
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  SlashCommandBuilder,
  type User,
} from 'discord.js';
import { actorOf, memberOf } from '../src/bot/actor.ts';
import { recordAct } from '../src/bot/audit.ts';
import type { Answer, Call, Command } from '../src/bot/command.ts';
import { listAnswer } from '../src/bot/list.ts';
import { quoteName, wordWhen } from '../src/bot/markup.ts';
import { blocksCard, wordUntil } from '../src/bot/mod/blocks.ts';
import { inRange } from '../src/bot/options.ts';
import { ADDED_TO, IN_SERVERS } from '../src/bot/places.ts';
import { runSubcommand, type Subcommands } from '../src/bot/subcommands.ts';
import { UserError } from '../src/domain/errors.ts';
import { DAY_MS } from '../src/domain/time.ts';
import { isAdmin } from '../src/guilds/access.ts';

type ModCall = Call<ChatInputCommandInteraction>;

const DAYS = [1, 365] as const;
const SHOWN_DAYS = 30;

// Shown to all: Discord would keep it from those whom an admin made moderators by a role.
const data = new SlashCommandBuilder()
  .setName('mod')
  .setDescription('Keep order: switch speaking off, block members')
  .setContexts(IN_SERVERS)
  .setIntegrationTypes(ADDED_TO)
  .addSubcommand((sub) =>
    sub.setName('off').setDescription('Stop all speaking in this server, at once'),
  )
  .addSubcommand((sub) => sub.setName('on').setDescription('Allow speaking again'))
  .addSubcommand((sub) =>
    sub
      .setName('block')
      .setDescription('Keep a member from using me here')
      .addUserOption((option) => option.setName('user').setDescription('Who').setRequired(true))
      .addStringOption((option) =>
        option.setName('reason').setDescription('Why, for other moderators').setMaxLength(200),
      )
      .addIntegerOption((option) =>
        option
          .setName('days')
          .setDescription('For how long (until lifted if left out)')
          .setMinValue(DAYS[0])
          .setMaxValue(DAYS[1]),
      ),
  )
  .addSubcommand((sub) =>
    sub
      .setName('unblock')
      .setDescription('Let a blocked member use me again')
      .addUserOption((option) => option.setName('user').setDescription('Who').setRequired(true)),
  )
  .addSubcommand((sub) =>
    sub.setName('blocks').setDescription('Who is blocked here, why, by whom and until when'),
  )
  .addSubcommand((sub) =>
    sub.setName('voices').setDescription("The members' voices heard here in the last 30 days"),
  );

const SUBCOMMANDS: Subcommands = {
  off,
  on,
  block,
  unblock,
  blocks: (call) => blocksCard(call, 0),
  voices,
};

export default {
  data: data.toJSON(),
  async run(call) {
    await checkModerator(call);
    return await runSubcommand(call, SUBCOMMANDS);
  },

  actions: {
    'mod-blocks': {
      ack: 'update',
      async run(call) {
        await checkModerator(call);
        return await blocksCard(call, Number(call.payload['page']));
      },
    },
  },
} satisfies Command;

/** @throws UserError E_NEEDS_RIGHT. */
async function checkModerator({
  interaction,
  bot,
}: Pick<Call<ChatInputCommandInteraction | ButtonInteraction>, 'interaction' | 'bot'>) {
  if (!(await bot.guilds.access.isModerator(actorOf(interaction))))
    throw new UserError({ code: 'E_NEEDS_RIGHT', right: 'moderator' });
}

async function off(call: ModCall): Promise<Answer> {
  const { guild } = memberOf(call.interaction);
  const { store, sessions } = call.bot;
  const { isOff: wasOff } = await store.guilds.read(guild.id);
  await store.guilds.setOff(guild.id, true);
  const stopped = sessions.withdraw(guild.id, 'off');
  sessions.leave(guild.id);
  await recordAct(call, 'off', '');
  const what = wasOff ? 'was off already' : `is off; ${stopped} line(s) were stopped`;
  return { content: `Speaking in this server ${what}. \`/mod on\` switches it on again.` };
}

async function on(call: ModCall): Promise<Answer> {
  const { guild } = memberOf(call.interaction);
  const { isOff: wasOff } = await call.bot.store.guilds.read(guild.id);
  await call.bot.store.guilds.setOff(guild.id, false);
  await recordAct(call, 'on', '');
  return { content: `Speaking ${wasOff ? 'is on again' : 'was on already'} in this server.` };
}

async function block(call: ModCall): Promise<Answer> {
  const { options } = call.interaction;
  const { store, clock } = call.bot;
  const user = options.getUser('user', true);
  checkMayBlock(call.interaction, user);
  const days = inRange('days', options.getInteger('days'), DAYS);
  const moderator = memberOf(call.interaction);
  // What is left out stays as it was for somebody who is blocked already.
  const before = await store.blocks.find(moderator.guild.id, user.id);
  const until = days === undefined ? before?.until : clock() + days * DAY_MS;
  const reason = options.getString('reason')?.slice(0, 200) ?? before?.reason;
  const by = await store.members.refOf(moderator.id);
  await store.blocks.put(moderator.guild.id, user.id, { reason, until, by });
  await recordAct(call, 'block', await store.members.refOf(user.id));
  const changed = before ? ` They were blocked already, ${wordUntil(before.until)}.` : '';
  return { content: `<@${user.id}> cannot use me in this server ${wordUntil(until)}.${changed}` };
}

/** Not whom a block would not hold, nor oneself by mistake. @throws UserError E_BLOCK. */
function checkMayBlock(interaction: ChatInputCommandInteraction, { id, bot }: User): void {
  if (id === interaction.user.id) throw new UserError({ code: 'E_BLOCK', whom: 'self' });
  if (bot) throw new UserError({ code: 'E_BLOCK', whom: 'bot' });
  const member = interaction.inCachedGuild() ? interaction.options.getMember('user') : null;
  if (member && isAdmin(member.permissions.bitfield))
    throw new UserError({ code: 'E_BLOCK', whom: 'admin' });
}

async function unblock(call: ModCall): Promise<Answer> {
  const { store } = call.bot;
  const user = call.interaction.options.getUser('user', true);
  const wasBlocked = await store.blocks.remove(memberOf(call.interaction).guild.id, user.id);
  await recordAct(call, 'unblock', (await store.members.findRef(user.id)) ?? 'forgotten');
  return {
    content: wasBlocked ? `<@${user.id}> can use me again.` : `<@${user.id}> was not blocked.`,
  };
}

/** Moderators see that a voice was heard and whose it is; they never hear or change it. */
async function voices({ interaction, bot }: ModCall): Promise<Answer> {
  const { utterances, members } = bot.store;
  const since = bot.clock() - SHOWN_DAYS * DAY_MS;
  const heard = await utterances.voicesHeard(memberOf(interaction).guild.id, since);
  if (heard.length === 0) return { content: "No member's own voice was heard here lately." };
  const rows = heard.map(async ({ name, owner, lines, lastAt }) => {
    const userId = await members.findUserId(owner);
    const voice = name === undefined ? 'a voice deleted or replaced since' : quoteName(name);
    const whose =
      userId === undefined ? 'a member who deleted everything of theirs' : `<@${userId}>`;
    return `- ${voice} of ${whose}: ${lines} line(s), the last ${wordWhen(lastAt)}`;
  });
  return listAnswer('Voices heard here lately', await Promise.all(rows));
}
