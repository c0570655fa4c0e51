import { ChannelType, type GuildMember, SlashCommandBuilder, type StageChannel } from 'discord.js';
import { actorOf, memberOf } from '../src/bot/actor.ts';
import type { Command } from '../src/bot/command.ts';
import { checkMayBring } from '../src/bot/permissions.ts';
import { ADDED_TO, IN_SERVERS } from '../src/bot/places.ts';
import { checkMayMove, enter } from '../src/bot/presence.ts';
import { isHeard, isStage, takeStage } from '../src/bot/stage.ts';
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
      .addChannelTypes(ChannelType.GuildVoice, ChannelType.GuildStageVoice),
  );

export default {
  data: data.toJSON(),
  async run({ interaction, bot, signal }) {
    const member = memberOf(interaction);
    const named = interaction.options.getChannel('channel');
    const channel = named ? member.guild.channels.cache.get(named.id) : member.voice.channel;
    if (!named && !channel) throw new UserError({ code: 'E_JOIN_VOICE', what: 'join' });
    if (!channel?.isVoiceBased()) throw new UserError({ code: 'E_CHANNEL_TYPE' });
    await bot.guilds.access.authorize('speak', actorOf(interaction, channel));
    checkMayBring(member, channel);
    await checkMayMove(bot, interaction, channel.id);
    await enter(bot, { member, channel }, { signal });
    if (isStage(channel)) return { content: await wordStage(member, channel) };
    const next = member.voice.channelId === channel.id ? 'Type' : 'Join it and type';
    return { content: `I am in <#${channel.id}>. ${next} \`/say\` to be heard there.` };
  },
} satisfies Command;

/** Only a speaker's wish takes the bot from the audience onto the stage. */
async function wordStage(member: GuildMember, channel: StageChannel): Promise<string> {
  if (!isHeard(member, channel))
    return `I am in the audience of <#${channel.id}>. When a speaker of it types \`/say\`, I ask to speak.`;
  return (await takeStage(channel)) === 'speaker'
    ? `I am on the stage <#${channel.id}>. Type \`/say\` to be heard there.`
    : `I am in <#${channel.id}> and have asked to speak: a moderator of it must let me. Then type \`/say\` to be heard there.`;
}
