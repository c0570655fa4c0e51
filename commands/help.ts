import { EmbedBuilder, SlashCommandBuilder } from 'discord.js';
import type { Command } from '../src/bot/command.ts';
import { ADDED_TO, IN_SERVERS_AND_MESSAGES } from '../src/bot/places.ts';
import { isAdmin } from '../src/guilds/access.ts';

const data = new SlashCommandBuilder()
  .setName('help')
  .setDescription('What to do next')
  .setContexts(IN_SERVERS_AND_MESSAGES)
  .setIntegrationTypes(ADDED_TO);

export default {
  data: data.toJSON(),
  async run({ interaction, bot }) {
    const own = await bot.voices.library.list(interaction.user.id);
    const isInServer = interaction.inGuild();
    const embed = new EmbedBuilder()
      .setTitle('Speak in your own voice, without a microphone')
      .setDescription(nextStep(own.length, isInServer))
      .setFields({
        name: 'Your voice',
        value:
          '`/clone` makes one · `/voices` lists, renames, deletes · `/privacy` says what is kept',
      });
    if (isInServer)
      embed.addFields({
        name: 'Speaking',
        value:
          '`/say` speaks · `/join` and `/leave` bring me in and out · `/skip`, `/stop` and `/queue` for your lines',
      });
    if (isAdmin(interaction.memberPermissions?.bitfield ?? 0n))
      embed.addFields({
        name: 'For admins',
        value:
          '`/admin` sets who may do what and what it may cost · `/mod` switches me off and blocks members',
      });
    return { embeds: [embed] };
  },
} satisfies Command;

function nextStep(voices: number, isInServer: boolean): string {
  const record = '**Next:** `/clone` without anything tells you how to record your voice.';
  if (voices === 0) return isInServer ? `${record} Or try \`/say\` with a stock voice.` : record;
  if (!isInServer) return '**Next:** go to a server that has me, and type `/say`.';
  return '**Next:** type `/say`. In a voice channel you are heard there, anywhere else it becomes a file.';
}
