import { foldName } from '../../domain/text.ts';
import type { Voice } from '../../domain/voice.ts';
import { type ButtonSpec, buttonRow } from '../buttons.ts';
import type { Action } from '../command.ts';
import { handBack } from '../hand-back.ts';
import { hearButton } from '../hear.ts';
import { quoteName } from '../markup.ts';

/** What else a member can do with a voice that was just made where another is their default. */
export function secondButtons(voice: Voice, usual: Voice, wanted: string): readonly ButtonSpec[] {
  // Named after the older one it was given a number, which is needed no longer in its place.
  const takesName = foldName(usual.name) === foldName(wanted);
  return [
    { label: 'Make it my default', action: 'clone-default', payload: { voice: voice.id } },
    {
      label: `Replace ${usual.name}`,
      style: 'danger',
      action: 'clone-replace',
      payload: { voice: voice.id, replaces: usual.id, takesName },
    },
  ];
}

/** *Make it my default*: the new voice speaks where none is named, the older one stays. */
export const makeDefault: Action = {
  ack: 'update',
  async run({ interaction, bot, payload }) {
    const voice = await bot.voices.library.readOwn(interaction.user.id, payload['voice']);
    await bot.store.voices.setDefault(voice.id);
    const row = await buttonRow(bot, interaction, [hearButton(voice)]);
    const content = `${quoteName(voice.name)} now speaks when you name no voice.`;
    return { content, components: [row] };
  },
};

/** *Replace …*: asks once more, and hands the older voice's recording back before it goes. */
export const askToReplace: Action = {
  ack: 'update',
  async run({ interaction, bot, payload }) {
    const { library } = bot.voices;
    const voice = await library.readOwn(interaction.user.id, payload['voice']);
    const older = await library.readOwn(interaction.user.id, payload['replaces']);
    const row = await buttonRow(bot, interaction, [
      { label: 'Replace it', style: 'danger', action: 'clone-replaced', payload },
      { label: 'Leave both', action: 'voice-keep' },
    ]);
    const { words, files } = await handBack(bot, older);
    return {
      content: `Delete the older ${quoteName(older.name)} for good, so that ${quoteName(voice.name)} takes its place?${words}`,
      components: [row],
      files,
    };
  },
};

/** The older voice goes, and the new one is the default in its place. */
export const replaceUsual: Action = {
  ack: 'update',
  async run({ interaction, bot, payload }) {
    const { library } = bot.voices;
    const voice = await library.readOwn(interaction.user.id, payload['voice']);
    const replaced = await library.readOwn(interaction.user.id, payload['replaces']);
    const name = payload['takesName'] === true ? replaced.name : voice.name;
    await bot.store.voices.takePlace(voice.id, { of: replaced.id, name });
    const row = await buttonRow(bot, interaction, [hearButton(voice)]);
    return {
      content: `The older ${quoteName(replaced.name)} is deleted. The new voice is called ${quoteName(name)}, and speaks when you name none.`,
      components: [row],
    };
  },
};
