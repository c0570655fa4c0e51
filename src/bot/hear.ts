import { AttachmentBuilder } from 'discord.js';
import type { Voice } from '../domain/voice.ts';
import { actorHere } from './actor.ts';
import type { ButtonSpec } from './buttons.ts';
import type { Action } from './command.ts';
import { speakerOf, wordDisclosure } from './disclosure.ts';
import { quoteName } from './markup.ts';

/** *Hear it*: a line in the voice, for its owner's ears only. */
export const hearVoice: Action = {
  ack: 'reply',
  async run({ interaction, bot, payload, signal }) {
    const { guilds, voices, speech, store } = bot;
    const userId = interaction.user.id;
    const voice = await voices.library.readOwn(userId, payload['voice']);
    if (interaction.inCachedGuild())
      await guilds.access.authorize('speak', actorHere(interaction, bot));
    await guilds.limits.takeLine({ userId, guildId: interaction.guildId ?? undefined });
    const spoken = { kind: 'own', voice } as const;
    await using utterance = await speech.prepare({
      text: 'Hello! This is how I sound from now on when I type instead of talking.',
      voice: spoken,
      requester: await store.members.refOf(userId),
      userId,
      guildId: interaction.guildId ?? undefined,
      speed: undefined,
      temperature: undefined,
    });
    const { bytes, filename } = await utterance.file('mp3', { signal });
    return {
      content: `${quoteName(voice.name)}, only for you. ${wordDisclosure(speakerOf(spoken, userId), userId)}`,
      files: [new AttachmentBuilder(Buffer.from(bytes), { name: filename })],
    };
  },
};

/** The button that runs it. */
export function hearButton(voice: Voice): ButtonSpec {
  return {
    label: 'Hear it',
    style: 'primary',
    action: 'voice-hear',
    payload: { voice: voice.id },
    isLasting: true,
  };
}
