import { EmbedBuilder } from 'discord.js';
import type { Measurements, Warning } from '../../audio/measure.ts';
import type { Voice } from '../../domain/voice.ts';
import { mannerFor } from '../../venice/manner.ts';
import type { Bot } from '../bot.ts';
import { buttonRow } from '../buttons.ts';
import { wordFees } from '../clone-words.ts';
import type { Answer, Call } from '../command.ts';
import { hearButton } from '../hear.ts';
import { quoteName, wordWhen } from '../markup.ts';
import type { CloneInteraction } from './clone-wish.ts';
import { secondButtons } from './second-voice.ts';

const WARNINGS = {
  short: 'It is a little short: 10 to 30 seconds sound better.',
  quiet: 'It was quiet; I made it louder.',
  noisy: 'There is noise in the background, which the voice will pick up.',
  clipped: 'It is slightly distorted: recorded a bit too loud.',
  trimmed: 'It was long: I used the part with the most speech.',
  telephone: 'It has telephone quality; a better microphone gives a better voice.',
  silences: 'It had long silences, which I cut.',
  phase: 'Its two channels cancelled each other out; I used one of them.',
} as const satisfies Record<Warning, string>;

/**
 * A voice that was just made: what it is called, which voice `/say` uses now, how long it lasts, what
 * was heard. @param made.wanted the name it would have if that had been free.
 */
export async function voiceCard(
  { interaction, bot }: Call<CloneInteraction>,
  voice: Voice,
  { measured, wanted }: { measured: Measurements; wanted: string },
): Promise<Answer> {
  const usual = await bot.voices.library.resolve(interaction.user.id, undefined);
  const older = usual.kind === 'own' && usual.voice.id !== voice.id ? usual.voice : undefined;
  const embed = new EmbedBuilder()
    .setTitle('Your voice is ready')
    .setDescription(
      older
        ? `\`/say\` goes on in ${quoteName(older.name)}, your default voice. Name ${quoteName(voice.name)} as its \`voice\` to speak in the new one.`
        : `${quoteName(voice.name)} now speaks what you type: try \`/say\`. It is your default voice.`,
    )
    .setFields(
      { name: 'Model', value: voice.model, inline: true },
      { name: 'Lasts', value: wordLife(voice), inline: true },
      { name: 'Cost', value: await wordCost(bot, voice), inline: true },
      { name: 'Recording', value: wordMeasured(voice, measured) },
      ...(heedsLanguage(bot, voice)
        ? []
        : [{ name: 'Language', value: 'This model ignores `language`: it goes by your words.' }]),
    );
  const more = older ? secondButtons(voice, older, wanted) : [];
  const row = await buttonRow(bot, interaction, [hearButton(voice), ...more]);
  return { embeds: [embed], components: [row] };
}

function heedsLanguage({ catalogue }: Bot, { model: id, language }: Voice): boolean {
  const model = catalogue.find(id);
  const asked = { speed: undefined, temperature: undefined, language };
  return !model || mannerFor(model, asked).unheeded.length === 0;
}

/** How long a voice lasts, and what happens then. */
export function wordLife({ expiresAt, hasSample, retention }: Voice): string {
  if (expiresAt === undefined)
    return hasSample ? 'renewed when you next use it' : 'lapsed: clone it again';
  const after = hasSample ? 'then renewed by itself' : 'then you clone it again';
  const since = retention === 'from-use' ? ', counted from its last use' : '';
  return `lapses ${wordWhen(expiresAt)}${since}, ${after}`;
}

/** What a voice has cost so far beside what it spoke, and whoever runs the bot has paid. */
export async function wordCost({ store }: Pick<Bot, 'store'>, { id }: Voice): Promise<string> {
  const noted = await store.ledger.uploadsOf(id);
  // Whoever cloned before the fees were noted paid one that nobody knows.
  const isNoted = noted.clones > 0;
  const uploads = isNoted ? noted : { ...noted, clones: 1, unpriced: noted.unpriced + 1 };
  const renewed = uploads.renewals === 0 ? '' : `, renewed ${uploads.renewals} time(s)`;
  return `cloned once${renewed}: ${wordFees(uploads)}`;
}

function wordMeasured(
  voice: Voice,
  { loudnessLufs, silenceShare, warnings }: Measurements,
): string {
  const facts = [
    `${voice.sampleSeconds.toFixed(1)} s of speech`,
    `${loudnessLufs.toFixed(0)} LUFS`,
    `${Math.round(silenceShare * 100)} % silence`,
    voice.hasSample ? 'kept, encrypted' : 'not kept',
  ];
  return [facts.join(' · '), ...warnings.map((warning) => `- ${WARNINGS[warning]}`)].join('\n');
}
