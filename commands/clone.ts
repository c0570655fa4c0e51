import { type ChatInputCommandInteraction, EmbedBuilder, SlashCommandBuilder } from 'discord.js';
import { cloneVoice } from '../src/bot/clone/clone-voice.ts';
import type { CloneWish } from '../src/bot/clone/clone-wish.ts';
import { consentCard } from '../src/bot/clone/consent-card.ts';
import { checkMayClone } from '../src/bot/clone/may-clone.ts';
import { askToReplace, makeDefault, replaceUsual } from '../src/bot/clone/second-voice.ts';
import type { Answer, Command } from '../src/bot/command.ts';
import { ADDED_TO, IN_SERVERS_AND_MESSAGES } from '../src/bot/places.ts';
import { UserError } from '../src/domain/errors.ts';
import { LANGUAGES } from '../src/domain/languages.ts';
import { CONSENT_SHA256, CONSENT_VERSION } from '../src/voices/consent.ts';
import type { Voices } from '../src/voices/voices.ts';

const data = new SlashCommandBuilder()
  .setName('clone')
  .setDescription('Make your own voice from a short recording')
  .setContexts(IN_SERVERS_AND_MESSAGES)
  .setIntegrationTypes(ADDED_TO)
  .addAttachmentOption((option) =>
    option
      .setName('sample')
      .setDescription('10 to 30 seconds of you talking (leave out to see how to record it)'),
  )
  .addStringOption((option) =>
    option
      .setName('name')
      .setDescription('What to call the voice (your own name if left out)')
      .setMaxLength(32),
  )
  .addStringOption((option) =>
    option
      .setName('language')
      .setDescription('The language you will type in (the model decides if left out)')
      .setAutocomplete(true),
  )
  .addStringOption((option) =>
    option.setName('model').setDescription('Which voice model to use').setAutocomplete(true),
  );

export default {
  data: data.toJSON(),

  async run(call) {
    const { interaction, bot } = call;
    if (!interaction.options.getAttachment('sample')) {
      void bot.voices.cloning.warmUp();
      return howToRecord();
    }
    await checkMayClone(call);
    // Meanwhile the member reads the card, or their recording is fetched.
    void bot.voices.cloning.warmUp();
    const wish = readWish(interaction, bot.voices);
    await bot.voices.cloning.check({
      ...wish,
      userId: interaction.user.id,
      guildId: interaction.guildId ?? undefined,
      name: wish.name ?? '',
    });
    if (await bot.voices.cloning.hasConsented(interaction.user.id))
      return await cloneVoice(call, wish);
    return await consentCard(call, wish, true);
  },

  async complete({ options }, { catalogue }) {
    const { name, value } = options.getFocused(true);
    const choices =
      name === 'model'
        ? catalogue.cloning().map((model) => ({ name: model.name, value: model.id }))
        : LANGUAGES;
    const typed = value.toLowerCase();
    return choices.filter((choice) => choice.name.toLowerCase().includes(typed));
  },

  actions: {
    'clone-agree': {
      ack: 'update',
      async run(call) {
        const { store, clock } = call.bot;
        const { keepsSample, ...wish } = readPayload(call.payload);
        await store.consents.record({
          member: await store.members.refOf(call.interaction.user.id),
          version: CONSENT_VERSION,
          textSha256: CONSENT_SHA256,
          keepsSample,
          guildId: call.interaction.guildId ?? undefined,
          locale: call.interaction.locale,
          interactionId: call.interaction.id,
          at: clock(),
        });
        return await cloneVoice(call, wish);
      },
    },
    'clone-keep': {
      ack: 'update',
      async run(call) {
        const { keepsSample, ...wish } = readPayload(call.payload);
        return await consentCard(call, wish, !keepsSample);
      },
    },
    'clone-go': { ack: 'update', run: (call) => cloneVoice(call, readPayload(call.payload)) },
    'clone-default': makeDefault,
    'clone-replace': askToReplace,
    'clone-replaced': replaceUsual,
    'clone-cancel': {
      ack: 'update',
      run: () => Promise.resolve({ content: 'Cancelled. Nothing was sent or stored.' }),
    },
  },
} satisfies Command;

function readWish(
  { options }: ChatInputCommandInteraction,
  { library, cloning }: Voices,
): CloneWish {
  const { url, size, contentType } = options.getAttachment('sample', true);
  const name = options.getString('name');
  return {
    url,
    bytes: size,
    contentType: contentType ?? undefined,
    name: name === null ? undefined : library.readName(name),
    model: cloning.model(options.getString('model') ?? undefined).id,
    language: readLanguage(options.getString('language')),
    replaces: undefined,
    adds: false,
  };
}

/** By its name or its tag; people type what they did not pick. @throws UserError E_OPT_VALUE. */
function readLanguage(typed: string | null): string | undefined {
  if (typed === null) return undefined;
  const wanted = typed.trim().toLowerCase();
  const known = LANGUAGES.find(
    ({ name, value }) => value === wanted || name.toLowerCase() === wanted,
  );
  if (!known) throw new UserError({ code: 'E_OPT_VALUE', option: 'language' });
  return known.value;
}

/** The buttons of this command carry back what they were issued with. */
function readPayload(payload: object) {
  return payload as CloneWish & { readonly keepsSample: boolean };
}

function howToRecord(): Answer {
  const embed = new EmbedBuilder()
    .setTitle('How to record your voice')
    .setDescription(
      'Ten to thirty seconds of you talking normally, in a quiet room, are all it takes. What you say does not matter; read anything aloud.',
    )
    .setFields(
      {
        name: 'On a phone',
        value:
          'Use the voice recorder that came with it, or record a Discord voice message, save it, and attach the file to `/clone sample:`.',
      },
      {
        name: 'On a computer',
        value:
          'Windows: Sound Recorder. macOS: QuickTime or Voice Memos. Linux: `arecord -d 20 me.wav`. Then attach the file.',
      },
      {
        name: 'What I take',
        value: 'mp3, wav, flac, m4a, ogg, webm, aac, or a video with sound, up to 25 MB.',
      },
    );
  return { embeds: [embed] };
}
