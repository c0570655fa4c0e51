import {
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type GuildMember,
  PermissionFlagsBits,
} from 'discord.js';
import { UserError } from '../../domain/errors.ts';
import { SECOND_MS } from '../../domain/time.ts';
import type { Policy } from '../../guilds/policy.ts';
import { cleanText, type MentionedNames } from '../../speech/clean-text.ts';
import { cutFirst } from '../../speech/sentences.ts';
import { memberOf } from '../actor.ts';
import type { Bot } from '../bot.ts';
import type { Answer, Call } from '../command.ts';
import { readMentions } from '../mentions.ts';
import { sayAloud } from './aloud.ts';
import { sayInPost } from './in-post.ts';
import { checkMaySay } from './may-say.ts';
import { withNotes, wordUnheeded } from './notes.ts';
import { withOffers } from './offers.ts';
import type { ReadyLine, SayInteraction } from './ready-line.ts';
import { chooseWay, settleOutput, type Way, type Wish } from './wish.ts';

/** Speaks a wish and says what became of it; refusals come with what the member can do instead. */
export async function say(call: Call<SayInteraction>, asked: Wish): Promise<Answer> {
  const member = memberOf(call.interaction);
  const wish = settleOutput(asked, member);
  return await withOffers(call, wish, async () => {
    const way = chooseWay(wish, member);
    // Posts are made side by side.
    if (way.kind !== 'voice') call.ticket.pass();
    await using taken = new AsyncDisposableStack();
    const line = await makeReady(call, wish, way, member, taken);
    const answer =
      way.kind === 'voice'
        ? await sayAloud(call, line, way.channel)
        : await sayInPost(call, line, way, wish.postId);
    const notes = [
      ...wordUnheeded(line.voice, line.utterance.unheeded),
      (await call.bot.retirements.noticeFor(line.voice)) ?? [],
    ].flat();
    return withNotes(answer, notes);
  });
}

/**
 * Everything that can refuse a line, cheapest first, so that nothing is spent on a refused one.
 * @param taken what was taken for it, to be given back in the end.
 */
async function makeReady(
  { interaction, bot }: Call<SayInteraction>,
  wish: Wish,
  way: Way,
  member: GuildMember,
  taken: AsyncDisposableStack,
): Promise<ReadyLine> {
  const { guilds, voices, speech, store } = bot;
  if (!interaction.inCachedGuild()) throw new UserError({ code: 'E_GUILD_ONLY' });
  const actor = await checkMaySay({ interaction, bot }, way, member);
  const policy = await guilds.policies.read(actor.guildId);
  const names = await readMentions(wish.text, interaction.guild);
  const text = textOf(wish, names, policy);
  const voice = await voices.library.resolve(member.id, wish.voice);
  const requester = await store.members.refOf(member.id);
  if (way.kind !== 'voice') taken.use(await takePost(bot, interaction));
  await guilds.limits.takeLine(actor);
  const { speed, temperature } = wish;
  const { guildId, userId } = actor;
  const asked = { text, voice, requester, userId, guildId, speed, temperature };
  const utterance = await speech.prepare(asked);
  taken.use(utterance);
  return { utterance, voice, member, requester, actor };
}

/** @throws UserError E_TEXT_*. */
function textOf(
  { text, isFirstPart }: Wish,
  names: MentionedNames,
  { textMax }: Pick<Policy, 'textMax'>,
): string {
  if (!isFirstPart) return cleanText(text, names, textMax);
  // Cut when it is cleaned: through what the text has typed, half a spoiler would be none.
  return cutFirst(cleanText(text, names, Number.POSITIVE_INFINITY), textMax)[0];
}

/** Slow mode holds for what Myna posts for a member too. @throws UserError E_RATE. */
async function takePost(
  { guilds }: Bot,
  interaction: ChatInputCommandInteraction<'cached'> | ButtonInteraction<'cached'>,
): Promise<Disposable | undefined> {
  const { user, channel, channelId, memberPermissions } = interaction;
  const seconds = channel && 'rateLimitPerUser' in channel ? (channel.rateLimitPerUser ?? 0) : 0;
  if (seconds === 0 || memberPermissions.has(PermissionFlagsBits.BypassSlowmode)) return undefined;
  const pauseMs = seconds * SECOND_MS;
  return await guilds.limits.takePost({ userId: user.id, channelId, pauseMs });
}
