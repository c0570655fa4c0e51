import { type ChatInputCommandInteraction, SlashCommandBuilder } from 'discord.js';
import type { Action, Command } from '../src/bot/command.ts';
import { inRange, oneOf } from '../src/bot/options.ts';
import { ADDED_TO, IN_SERVERS } from '../src/bot/places.ts';
import { say } from '../src/bot/say/say.ts';
import { FORMATS, OUTPUTS, type Wish } from '../src/bot/say/wish.ts';
import { publicId } from '../src/domain/ids.ts';
import { MAX_TEXT } from '../src/domain/limits.ts';

const SPEED = [0.25, 4] as const;
const TEMPERATURE = [0, 2] as const;

const data = new SlashCommandBuilder()
  .setName('say')
  .setDescription('Speak a line in your own voice')
  .setContexts(IN_SERVERS)
  .setIntegrationTypes(ADDED_TO)
  .addStringOption((option) =>
    option.setName('text').setDescription('What to say').setRequired(true).setMaxLength(MAX_TEXT),
  )
  .addStringOption((option) =>
    option
      .setName('voice')
      .setDescription(
        'Whose voice: one of yours, or a stock voice (your default voice if left out)',
      )
      .setAutocomplete(true),
  )
  .addStringOption((option) =>
    option
      .setName('output')
      .setDescription('Where to: your voice channel if you are in one, else a file')
      .addChoices(
        { name: 'auto: your voice channel if you are in one, else a file', value: 'auto' },
        { name: 'voice: live in your voice channel', value: 'voice' },
        { name: 'file: an audio file in this channel', value: 'file' },
        { name: 'message: a voice message in this channel', value: 'message' },
      ),
  )
  .addNumberOption((option) =>
    option
      .setName('speed')
      .setDescription('How fast: 1 is normal')
      .setMinValue(SPEED[0])
      .setMaxValue(SPEED[1]),
  )
  .addNumberOption((option) =>
    option
      .setName('temperature')
      .setDescription('How lively: 0 is even, 2 is wild; not every voice model knows it')
      .setMinValue(TEMPERATURE[0])
      .setMaxValue(TEMPERATURE[1]),
  )
  .addStringOption((option) =>
    option
      .setName('format')
      .setDescription('The kind of audio file (for a file only)')
      .addChoices(...FORMATS.map((format) => ({ name: format, value: format }))),
  );

/** Pressed on a refusal: the same line another way. */
const sayAgain: Action = {
  ack: 'update',
  isInOrder: true,
  run: (call) => say(call, call.payload as unknown as Wish),
};

/** Pressed where a text was too long: below it, for the rest is still needed. */
const sayPart: Action = { ...sayAgain, ack: 'reply' };

export default {
  data: data.toJSON(),
  run: (call) => say(call, readWish(call.interaction)),
  async complete(interaction, { voices }) {
    const names = await voices.library.suggest(
      interaction.user.id,
      interaction.options.getFocused(),
    );
    return names.map((name) => ({ name, value: name }));
  },
  isInOrder: true,
  actions: { 'say-again': sayAgain, 'say-part': sayPart },
} satisfies Command;

function readWish({ options }: ChatInputCommandInteraction): Wish {
  const format = oneOf('format', options.getString('format'), FORMATS);
  const output = oneOf('output', options.getString('output'), OUTPUTS);
  return {
    text: options.getString('text', true),
    voice: options.getString('voice') ?? undefined,
    output: output ?? 'auto',
    format,
    speed: inRange('speed', options.getNumber('speed'), SPEED),
    temperature: inRange('temperature', options.getNumber('temperature'), TEMPERATURE),
    postId: publicId(),
  };
}
