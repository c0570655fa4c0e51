import { type ChatInputCommandInteraction, EmbedBuilder, SlashCommandBuilder } from 'discord.js';
import { buttonRow } from '../src/bot/buttons.ts';
import type { Answer, Call, Command } from '../src/bot/command.ts';
import { ADDED_TO, IN_SERVERS_AND_MESSAGES } from '../src/bot/places.ts';
import { runSubcommand, type Subcommands } from '../src/bot/subcommands.ts';
import { CONSENT_TEXT } from '../src/voices/consent.ts';

type PrivacyCall = Call<ChatInputCommandInteraction>;

const data = new SlashCommandBuilder()
  .setName('privacy')
  .setDescription('What is kept of you, and how to delete it')
  .setContexts(IN_SERVERS_AND_MESSAGES)
  .setIntegrationTypes(ADDED_TO)
  .addSubcommand((sub) =>
    sub.setName('policy').setDescription('What is kept of you, and for how long'),
  )
  .addSubcommand((sub) => sub.setName('delete').setDescription('Delete everything of yours'));

const SUBCOMMANDS: Subcommands = { policy, delete: askToDelete };

export default {
  data: data.toJSON(),
  isAlwaysOpen: true,
  run: (call) => runSubcommand(call, SUBCOMMANDS),

  actions: {
    'privacy-delete': {
      ack: 'update',
      isAlwaysOpen: true,
      async run({ interaction, bot }) {
        await bot.store.forgetMember(interaction.user.id);
        bot.log.info('a member was forgotten');
        return {
          content:
            "Deleted: your voices, recordings, agreement and settings, and what you had spoken. Lines of yours that were waiting are not spoken. Venice's copies lapse by themselves within 7 days of their last upload. Files already posted stay in their channels; delete them there. What you have used of today's limits stays counted until they are over, and what was spent for good, both without your name.",
        };
      },
    },
    'privacy-keep': {
      ack: 'update',
      isAlwaysOpen: true,
      run: () => Promise.resolve({ content: 'Nothing was deleted.' }),
    },
  },
} satisfies Command;

/** Or deleting oneself would be a way around them. */
const BLOCKS_STAY = 'Where moderators of a server have blocked you, that stays until they lift it.';

async function askToDelete({ interaction, bot }: PrivacyCall): Promise<Answer> {
  const userId = interaction.user.id;
  if ((await bot.store.members.findRef(userId)) === undefined)
    return { content: `Nothing of yours is kept here that you could delete. ${BLOCKS_STAY}` };
  const { length } = await bot.voices.library.list(userId);
  const row = await buttonRow(bot, interaction, [
    { label: 'Delete everything', style: 'danger', action: 'privacy-delete' },
    { label: 'Keep it', action: 'privacy-keep' },
  ]);
  return {
    content: `This deletes what this bot keeps of you, in every server: ${length} voice(s) with their recordings, your agreement, your settings and the sound of what you had spoken lately. It cannot be undone. \`/voices delete\` gives you a recording back first. ${BLOCKS_STAY}`,
    components: [row],
  };
}

function policy({ bot }: PrivacyCall): Promise<Answer> {
  const { PRIVACY_URL: url, CACHE_MAX_MB: megabytes } = bot.config;
  const embed = new EmbedBuilder()
    .setTitle('Your voice and your privacy')
    .setFields(CONSENT_TEXT.map(([name, value]) => ({ name, value })));
  // Not part of what is agreed to: it holds for whoever speaks in a stock voice, too.
  if (megabytes > 0)
    embed.addFields({
      name: 'What was spoken lately',
      value: `So that a repeated line is free, its sound is kept here, encrypted: of lines you have spoken in a stock voice, and in a voice of yours whose recording is kept. What was not heard for longest goes when all members' lines together need more than ${megabytes} MB, that of a voice when you delete it, and all of yours with \`/privacy delete\`.`,
    });
  embed.addFields({
    name: 'What outlives a deletion, for a while',
    value: `So that deleting gives nobody a fresh day: how many characters and clones you have used of today, until it is over, and when you last had something posted in a channel, for six hours. Your account is named there by a keyed hash alone. ${BLOCKS_STAY}`,
  });
  if (url !== undefined) embed.setDescription(`[The full privacy policy](${url})`);
  return Promise.resolve({ embeds: [embed] });
}
