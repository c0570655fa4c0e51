import { EmbedBuilder, SlashCommandBuilder } from 'discord.js';
import { actorOf } from '../src/bot/actor.ts';
import type { Command } from '../src/bot/command.ts';
import { findNextStep } from '../src/bot/next-step.ts';
import { ADDED_TO, IN_SERVERS_AND_MESSAGES } from '../src/bot/places.ts';
import type { Problem } from '../src/domain/errors.ts';
import { isAdmin } from '../src/guilds/access.ts';

const data = new SlashCommandBuilder()
  .setName('help')
  .setDescription('What to do next')
  .setContexts(IN_SERVERS_AND_MESSAGES)
  .setIntegrationTypes(ADDED_TO);

export default {
  data: data.toJSON(),
  async run(call) {
    const { interaction, bot } = call;
    const { words, refusal } = await findNextStep(call);
    const isInServer = interaction.inGuild();
    const embed = new EmbedBuilder()
      .setTitle('Speak in your own voice, without a microphone')
      .setDescription(words)
      .setFields({
        name: 'Your voice',
        value:
          '`/clone` makes one · `/voices` lists, renames, deletes · `/privacy` says what is kept',
      });
    if (isInServer && !isBarred(refusal))
      embed.addFields({
        name: 'Speaking',
        value:
          '`/say` speaks · `/join` and `/leave` bring me in and out · `/skip`, `/stop` and `/queue` for your lines',
      });
    if (isInServer && (await bot.guilds.access.isModerator(actorOf(interaction))))
      embed.addFields({
        name: 'For moderators',
        value: '`/mod` switches me off and on, blocks members and lists whose voices were heard',
      });
    if (isAdmin(interaction.memberPermissions?.bitfield ?? 0n))
      embed.addFields({
        name: 'For admins',
        value: '`/admin` sets who may do what and what it may cost',
      });
    return { embeds: [embed] };
  },
} satisfies Command;

/** Whether no line of theirs is spoken here, whatever it is and wherever. */
function isBarred(refusal: Problem | undefined): boolean {
  if (refusal?.code === 'E_NOT_ALLOWED') return refusal.why === 'blocked';
  return refusal?.code === 'E_OFF';
}
