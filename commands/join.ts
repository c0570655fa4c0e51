import { ChannelType, SlashCommandBuilder } from 'discord.js';
import { actorOf, memberOf } from '../src/bot/actor.ts';
import type { Command } from '../src/bot/command.ts';
import { checkMaySpeak } from '../src/bot/permissions.ts';
import { ADDED_TO, IN_SERVERS } from '../src/bot/places.ts';
import { checkMayMove } from '../src/bot/presence.ts';
import { UserError } from '../src/domain/errors.ts';

const data = new SlashCommandBuilder()
  .setName('join')
  .setDescription('Bring me into a voice channel')
  .setContexts(IN_SERVERS)
  .setIntegrationTypes(ADDED_TO)
  .addChannelOption((option) =>
    option
      .setName('channel')
      .setDescription('Which one (yours if left out)')
      .addChannelTypes(ChannelType.GuildVoice),
  );

export default {
  data: data.toJSON(),
  async run({ interaction, bot, signal }) {
    const member = memberOf(interaction);
    const named = interaction.options.getChannel('channel');
    const channel = named ? member.guild.channels.cache.get(named.id) : member.voice.channel;
    if (!named && !channel) throw new UserError({ code: 'E_JOIN_VOICE' });
    if (channel?.type !== ChannelType.GuildVoice) throw new UserError({ code: 'E_CHANNEL_TYPE' });
    await bot.guilds.access.authorize('speak', actorOf(interaction, channel));
    checkMaySpeak(member, channel);
    await checkMayMove(bot, interaction, channel.id);
    await bot.sessions.join({ guildId: member.guild.id, channelId: channel.id }, { signal });
    const next = member.voice.channelId === channel.id ? 'Type' : 'Join it and type';
    return { content: `I am in <#${channel.id}>. ${next} \`/say\` to be heard there.` };
  },
} satisfies Command;
