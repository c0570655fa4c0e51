import { foldName } from '../../domain/text.ts';
import type { CloneRequest, CloneStage } from '../../voices/cloning.ts';
import { buttonRow } from '../buttons.ts';
import type { Answer, Call } from '../command.ts';
import { handBack } from '../hand-back.ts';
import { quoteName } from '../markup.ts';
import type { CloneInteraction, CloneWish } from './clone-wish.ts';
import { checkMayClone } from './may-clone.ts';
import { voiceCard } from './voice-card.ts';

const STAGES = {
  fetching: '**1 of 3** · Fetching your recording…',
  listening: '**2 of 3** · Listening to it: length, loudness, silence…',
  cloning: '**3 of 3** · Your voice is being cloned…',
} as const satisfies Record<CloneStage, string>;

/** Clones a consented voice with visible progress; a name that is taken asks what is meant first. */
export async function cloneVoice(call: Call<CloneInteraction>, wish: CloneWish): Promise<Answer> {
  const { interaction, bot, signal, progress } = call;
  const { library, cloning } = bot.voices;
  const userId = interaction.user.id;
  const own = await library.list(userId);
  const taken = own.find(({ name }) => foldName(name) === foldName(wish.name ?? ''));
  if (taken && !wish.adds && wish.replaces === undefined)
    return await askWhatIsMeant(call, wish, taken);
  const wanted = wish.name ?? displayNameOf(interaction);
  const name = await library.freeName(userId, wanted, wish.replaces);
  const guildId = interaction.guildId ?? undefined;
  const request: CloneRequest = { ...wish, userId, guildId, name };
  await cloning.check(request);
  await checkMayClone(call);
  const member = await bot.store.members.refOf(userId);
  const { voice, measured } = await cloning.clone(request, {
    signal,
    async onStage(stage) {
      await progress({ content: STAGES[stage] });
      // What counts is what the provider is asked for, not a recording that was refused here.
      if (stage === 'cloning')
        await bot.store.audit.write({ guildId, member, kind: 'clone', detail: wish.model });
    },
  });
  return await voiceCard(call, voice, { measured, wanted });
}

async function askWhatIsMeant(
  { interaction, bot }: Call<CloneInteraction>,
  wish: CloneWish,
  taken: { readonly id: string; readonly name: string },
): Promise<Answer> {
  const next = await bot.voices.library.freeName(interaction.user.id, taken.name);
  const row = await buttonRow(bot, interaction, [
    {
      label: 'Replace it',
      style: 'primary',
      action: 'clone-go',
      payload: { ...wish, replaces: taken.id },
    },
    { label: 'Add another', action: 'clone-go', payload: { ...wish, adds: true } },
    { label: 'Cancel', action: 'clone-cancel' },
  ]);
  const { words, files } = await handBack(bot, taken);
  return {
    content: `You already have a voice called ${quoteName(taken.name)}. Replace it (it stays until the new one works), or add this one as ${quoteName(next)}?${words}`,
    components: [row],
    files,
  };
}

function displayNameOf(interaction: CloneInteraction): string {
  if (interaction.inCachedGuild()) return interaction.member.displayName;
  return interaction.user.displayName;
}
