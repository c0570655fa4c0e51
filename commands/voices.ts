import {
  type ChatInputCommandInteraction,
  EmbedBuilder,
  SlashCommandBuilder,
  type SlashCommandStringOption,
} from 'discord.js';
import { buttonRow } from '../src/bot/buttons.ts';
import { wordCost, wordLife } from '../src/bot/clone/voice-card.ts';
import type { Answer, Call, Command } from '../src/bot/command.ts';
import { handBack } from '../src/bot/hand-back.ts';
import { hearButton, hearVoice } from '../src/bot/hear.ts';
import { listAnswer } from '../src/bot/list.ts';
import { quoteName, wordWhen } from '../src/bot/markup.ts';
import { ADDED_TO, IN_SERVERS_AND_MESSAGES } from '../src/bot/places.ts';
import { runSubcommand, type Subcommands } from '../src/bot/subcommands.ts';
import { UserError } from '../src/domain/errors.ts';
import { foldName } from '../src/domain/text.ts';
import type { Retirement, Voice } from '../src/domain/voice.ts';

type VoicesCall = Call<ChatInputCommandInteraction>;

const data = new SlashCommandBuilder()
  .setName('voices')
  .setDescription('See and manage your voices')
  .setContexts(IN_SERVERS_AND_MESSAGES)
  .setIntegrationTypes(ADDED_TO)
  .addSubcommand((sub) => sub.setName('list').setDescription('List your voices'))
  .addSubcommand((sub) =>
    sub
      .setName('show')
      .setDescription('Show all about one of your voices')
      .addStringOption((option) => voiceOption(option)),
  )
  .addSubcommand((sub) =>
    sub
      .setName('default')
      .setDescription('Choose the voice that speaks when you name none')
      .addStringOption((option) => voiceOption(option)),
  )
  .addSubcommand((sub) =>
    sub
      .setName('rename')
      .setDescription('Give one of your voices another name')
      .addStringOption((option) => voiceOption(option))
      .addStringOption((option) =>
        option.setName('name').setDescription('The new name').setRequired(true).setMaxLength(32),
      ),
  )
  .addSubcommand((sub) =>
    sub
      .setName('delete')
      .setDescription('Delete one of your voices')
      .addStringOption((option) => voiceOption(option)),
  );

const SUBCOMMANDS: Subcommands = {
  list,
  show,
  default: makeDefault,
  rename,
  delete: askToDelete,
};

export default {
  data: data.toJSON(),
  isAlwaysOpen: true,
  run: (call) => runSubcommand(call, SUBCOMMANDS),

  async complete(interaction, { voices }) {
    const typed = interaction.options.getFocused();
    const names = await voices.library.suggestOwn(interaction.user.id, typed);
    return names.map((name) => ({ name, value: name }));
  },

  actions: {
    'voice-hear': hearVoice,
    'voice-delete': {
      ack: 'update',
      isAlwaysOpen: true,
      async run({ interaction, bot, payload }) {
        const voice = await bot.voices.library.readOwn(interaction.user.id, payload['voice']);
        await bot.store.voices.delete(voice.id);
        return {
          content: `${quoteName(voice.name)} is deleted here, with its recording. Venice's copy lapses by itself within 7 days of its last upload.`,
        };
      },
    },
    'voice-keep': {
      ack: 'update',
      isAlwaysOpen: true,
      run: () => Promise.resolve({ content: 'Kept. Nothing changed.' }),
    },
  },
} satisfies Command;

async function list({ interaction, bot }: VoicesCall): Promise<Answer> {
  const own = await bot.voices.library.list(interaction.user.id);
  if (own.length === 0) throw new UserError({ code: 'E_VOICE_MISSING', offersStock: false });
  const rows = own.map((voice) => {
    const star = voice.isDefault ? ' (default)' : '';
    return `- ${quoteName(voice.name)}${star}: ${wordLife(voice)}`;
  });
  return listAnswer('Your voices', rows);
}

async function show({ interaction, bot }: VoicesCall): Promise<Answer> {
  const voice = await named({ interaction, bot });
  const embed = new EmbedBuilder().setTitle(voice.name).setFields(
    {
      name: 'Model',
      value: wordModel(voice, bot.catalogue.retirements().get(voice.model)),
      inline: true,
    },
    { name: 'Language', value: voice.language ?? 'chosen by the model', inline: true },
    { name: 'Default', value: voice.isDefault ? 'yes' : 'no', inline: true },
    { name: 'Lasts', value: wordLife(voice) },
    { name: 'Cost', value: await wordCost(bot, voice) },
    {
      name: 'Recording',
      value: `${voice.sampleSeconds.toFixed(1)} s, ${voice.hasSample ? 'kept, encrypted' : 'not kept'}`,
    },
    { name: 'Made', value: wordWhen(voice.createdAt), inline: true },
    { name: 'Last used', value: wordWhen(voice.lastUsedAt), inline: true },
  );
  const row = await buttonRow(bot, interaction, [hearButton(voice)]);
  return { embeds: [embed], components: [row] };
}

function wordModel({ model }: Voice, retirement: Retirement | undefined): string {
  return retirement ? `${model}, retired by the provider ${wordWhen(retirement.at)}` : model;
}

async function makeDefault({ interaction, bot }: VoicesCall): Promise<Answer> {
  const voice = await named({ interaction, bot });
  await bot.store.voices.setDefault(voice.id);
  return { content: `${quoteName(voice.name)} now speaks when you name no voice.` };
}

async function rename({ interaction, bot }: VoicesCall): Promise<Answer> {
  const voice = await named({ interaction, bot });
  const name = bot.voices.library.readName(interaction.options.getString('name', true));
  const own = await bot.voices.library.list(interaction.user.id);
  if (own.some((other) => other.id !== voice.id && foldName(other.name) === foldName(name)))
    throw new UserError({ code: 'E_NAME_TAKEN', name, by: 'own' });
  await bot.store.voices.rename(voice.id, name);
  return { content: `${quoteName(voice.name)} is now called ${quoteName(name)}.` };
}

async function askToDelete({ interaction, bot }: VoicesCall): Promise<Answer> {
  const voice = await named({ interaction, bot });
  const row = await buttonRow(bot, interaction, [
    { label: 'Delete it', style: 'danger', action: 'voice-delete', payload: { voice: voice.id } },
    { label: 'Leave it', action: 'voice-keep' },
  ]);
  const { words, files } = await handBack(bot, voice);
  return {
    content: `Delete ${quoteName(voice.name)} for good?${words}`,
    components: [row],
    files,
  };
}

async function named({ interaction, bot }: Pick<VoicesCall, 'interaction' | 'bot'>) {
  const query = interaction.options.getString('voice', true);
  return await bot.voices.library.resolveOwn(interaction.user.id, query);
}

function voiceOption(option: SlashCommandStringOption) {
  return option
    .setName('voice')
    .setDescription('Which voice')
    .setRequired(true)
    .setAutocomplete(true);
}
