import { EmbedBuilder, SlashCommandBuilder } from 'discord.js';
import { buttonRow } from '../src/bot/buttons.ts';
import type { Answer, Command } from '../src/bot/command.ts';
import { ADDED_TO, IN_SERVERS_AND_MESSAGES } from '../src/bot/places.ts';
import { UserError } from '../src/domain/errors.ts';
import { CONSENT_TEXT } from '../src/voices/consent.ts';

const data = new SlashCommandBuilder()
  .setName('privacy')
  .setDescription('What is kept of you, and how to delete it')
  .setContexts(IN_SERVERS_AND_MESSAGES)
  .setIntegrationTypes(ADDED_TO)
  .addSubcommand((sub) =>
    sub.setName('policy').setDescription('What is kept of you, and for how long'),
  )
  .addSubcommand((sub) => sub.setName('delete').setDescription('Delete everything of yours'));

export default {
  data: data.toJSON(),

  async run({ interaction, bot }) {
    const name = interaction.options.getSubcommand();
    if (name === 'policy') return policy(bot.config.PRIVACY_URL);
    if (name !== 'delete') throw new UserError({ code: 'E_OPT_VALUE', option: name });
    const row = await buttonRow(bot, interaction, [
      { label: 'Delete everything', style: 'danger', action: 'privacy-delete' },
      { label: 'Keep it', action: 'privacy-keep' },
    ]);
    const { length } = await bot.voices.library.list(interaction.user.id);
    return {
      content: `This deletes all this bot knows of you, in every server: ${length} voice(s) with their recordings, your agreement and your settings. It cannot be undone. \`/voices delete\` gives you a recording back first.`,
      components: [row],
    };
  },

  actions: {
    'privacy-delete': {
      ack: 'update',
      async run({ interaction, bot }) {
        await bot.store.forgetMember(interaction.user.id);
        bot.log.info('a member was forgotten');
        return {
          content:
            "Deleted: your voices, recordings, agreement and settings. Lines of yours that were waiting are not spoken. Venice's copies lapse by themselves within 7 days of their last upload. Files already posted stay in their channels; delete them there. Counts of what was spent remain, without your name.",
        };
      },
    },
    'privacy-keep': {
      ack: 'update',
      run: () => Promise.resolve({ content: 'Nothing was deleted.' }),
    },
  },
} satisfies Command;

function policy(url: string | undefined): Answer {
  const embed = new EmbedBuilder()
    .setTitle('Your voice and your privacy')
    .setFields(CONSENT_TEXT.map(([name, value]) => ({ name, value })));
  if (url !== undefined) embed.setDescription(`[The full privacy policy](${url})`);
  return { embeds: [embed] };
}
