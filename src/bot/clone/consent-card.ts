import { EmbedBuilder } from 'discord.js';
import { CONSENT_TEXT } from '../../voices/consent.ts';
import { type ButtonSpec, buttonRow } from '../buttons.ts';
import type { Answer, Call } from '../command.ts';
import type { CloneInteraction, CloneWish } from './clone-wish.ts';

/** What a member agrees to before anything of theirs leaves Discord, and their choice about it. */
export async function consentCard(
  { interaction, bot }: Pick<Call<CloneInteraction>, 'interaction' | 'bot'>,
  wish: CloneWish,
  keepsSample: boolean,
): Promise<Answer> {
  const { PRIVACY_URL: policy } = bot.config;
  const embed = new EmbedBuilder()
    .setTitle('Before your voice is cloned')
    .setFields(CONSENT_TEXT.map(([name, value]) => ({ name, value })))
    .addFields({
      name: `Keep my recording: ${keepsSample ? 'on' : 'off'}`,
      value: keepsSample
        ? 'The cleaned recording stays here, encrypted, so that your voice is renewed by itself when it lapses.'
        : 'The recording is dropped after the upload. When your voice lapses, you record it again.',
    });
  if (policy !== undefined) embed.setDescription(`[The full privacy policy](${policy})`);
  const payload = { ...wish, keepsSample };
  const buttons: ButtonSpec[] = [
    { label: 'I agree, this is my own voice', style: 'success', action: 'clone-agree', payload },
    {
      label: `Keep my recording: turn ${keepsSample ? 'off' : 'on'}`,
      action: 'clone-keep',
      payload,
    },
    { label: 'Cancel', action: 'clone-cancel' },
  ];
  return { embeds: [embed], components: [await buttonRow(bot, interaction, buttons)] };
}
