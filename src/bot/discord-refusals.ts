import { RESTJSONErrorCodes as Code, type DiscordAPIError } from 'discord.js';
import type { DiscordRefusal, Problem } from '../domain/errors.ts';

/** One reason of Discord's to refuse what the bot asks for. */
interface Refusal {
  /** The codes in its answer that mean it. */
  readonly codes: readonly number[];
  /** What a member is told after that Discord refused, and where: why, who can mend it, how. */
  readonly sentence: string;
  /** What may help: the same once more, or a file in place of a voice message. */
  readonly remedy?: 'again' | 'file';
}

/** Every reason we know, with its codes as discord.com/developers lists them. */
export const DISCORD_REFUSALS = {
  automod: {
    codes: [Code.MessageWasBlockedByAutomaticModeration, Code.TitleWasBlockedByAutomaticModeration],
    sentence:
      "This server's AutoMod blocked it. A moderator can except my role or this channel from the rule, in Server Settings under AutoMod; then try again.",
    remedy: 'again',
  },
  filter: {
    codes: [
      Code.MessageBlockedByHarmfulLinksFilter,
      Code.ExplicitContentCannotBeSentToTheDesiredRecipient,
    ],
    sentence:
      "Discord's own filter took it for a harmful link or explicit content. Nobody here can lift that; other words, or another name of the voice, may pass.",
  },
  slow: {
    codes: [
      Code.ActionCannotBePerformedDueToSlowmodeRateLimit,
      Code.ChannelWriteRateLimit,
      Code.ServerWriteRateLimit,
      Code.ServiceResourceIsBeingRateLimited,
    ],
    sentence:
      'Too much is being written there for now, or its slow mode holds for me too. Try again in a minute; a moderator can turn slow mode down.',
    remedy: 'again',
  },
  edits: {
    codes: [
      Code.MaximumNumberOfEditsToMessagesOlderThanOneHourReached,
      Code.AnnouncementEditLimitExceeded,
    ],
    sentence:
      'A message that old may be changed only so often. Run the command again for a new one.',
  },
  archived: {
    codes: [Code.InvalidActionOnArchivedThread],
    sentence:
      'That thread is archived. Whoever may write in it opens it again by doing so; then try again.',
    remedy: 'again',
  },
  locked: {
    codes: [Code.ThreadLocked],
    sentence:
      'That thread is locked. A moderator with **Manage Threads** can unlock it; then try again.',
    remedy: 'again',
  },
  access: {
    codes: [Code.MissingAccess],
    sentence:
      'I cannot see that channel. An admin can give me **View Channel** there; into a private thread I come when somebody mentions me in it.',
    remedy: 'again',
  },
  rights: {
    codes: [Code.MissingPermissions],
    sentence:
      'I lack a permission there. An admin can give me **View Channel**, **Send Messages** (in a thread: **Send Messages in Threads**) and **Attach Files** in the permissions of the channel; then try again.',
    remedy: 'again',
  },
  'voice-message': {
    codes: [Code.YouCannotSendVoiceMessagesInThisChannel],
    sentence:
      'It takes no voice messages of mine there. An admin can give me **Send Voice Messages** in the permissions of the channel.',
    remedy: 'file',
  },
  uploads: {
    codes: [Code.AccessToFileUploadsHasBeenLimitedForThisGuild],
    sentence:
      'Discord has limited uploads in this server. What is spoken live needs none: join a voice channel and use `output: voice`.',
  },
  gone: {
    codes: [Code.UnknownChannel, Code.UnknownGuild],
    sentence: 'That channel has been deleted. Use another one.',
  },
  'message-gone': {
    codes: [Code.UnknownMessage],
    sentence: 'The message has been deleted. Run the command again for a new one.',
  },
  place: {
    codes: [
      Code.CannotSendMessagesInNonTextChannel,
      Code.CannotExecuteActionOnThisChannelType,
      Code.CannotSendAMessageInAForumChannel,
      Code.ChannelVerificationLevelTooHighForYouToGainAccess,
    ],
    sentence: 'I can write no messages there. Use another channel.',
  },
  private: {
    codes: [
      Code.CannotSendMessagesToThisUser,
      Code.CannotSendMessagesToThisUserDueToHavingNoMutualGuilds,
      Code.OpeningDirectMessagesTooFast,
    ],
    sentence:
      'It lets me send no direct message. Allow direct messages in the privacy settings of a server where we both are.',
  },
  paused: {
    codes: [
      Code.SendMessagesHasBeenTemporarilyDisabled,
      Code.FeatureTemporarilyDisabledServerSide,
      Code.APIResourceOverloaded,
    ],
    sentence: 'Discord has switched that off for a while. Try again in a few minutes.',
    remedy: 'again',
  },
  guard: {
    codes: [Code.CloudflareIsBlockingYourRequest],
    sentence:
      'The guard of its network turns me away for now, which passes within an hour mostly. Try again later; if it stays, whoever runs this bot has to look into it.',
    remedy: 'again',
  },
} as const satisfies Record<DiscordRefusal, Refusal>;

const TOO_BIG: readonly number[] = [
  Code.RequestEntityTooLarge,
  Code.FileUploadedExceedsMaximumSize,
];

/** What was asked for was wrong in itself: our bug, and not a refusal. */
const OUR_FAULT: readonly number[] = [
  Code.GeneralError,
  Code.CannotSendAnEmptyMessage,
  Code.InvalidFormBodyOrContentType,
  Code.InvalidAPIVersion,
  Code.RequestBodyContainsInvalidJSON,
  Code.VoiceMessagesDoNotSupportAdditionalContent,
  Code.VoiceMessagesMustHaveASingleAudioAttachment,
  Code.VoiceMessagesMustHaveSupportingMetadata,
  Code.VoiceMessagesCannotBeEdited,
];

const REASONS = new Map<unknown, DiscordRefusal>(
  Object.entries(DISCORD_REFUSALS).flatMap(([why, { codes }]) =>
    codes.map((code) => [code, why as DiscordRefusal] as const),
  ),
);

/** What a member can be told of a refusal of Discord's; undefined where it is our bug. */
export function problemOfRefusal({ code, status, url }: DiscordAPIError): Problem | undefined {
  const channelId = /\/channels\/(\d+)/.exec(url)?.[1];
  // What stands before Discord refuses without a code.
  const isGuard = code === undefined && (status === 403 || status === 429);
  const why = isGuard ? 'guard' : REASONS.get(code);
  if (why) return { code: 'E_DISCORD_REFUSED', why, channelId };
  if (status === 413 || TOO_BIG.includes(Number(code)))
    return { code: 'E_FILE_BIG', format: 'audio' };
  if (code === undefined || OUR_FAULT.includes(Number(code))) return undefined;
  return { code: 'E_DISCORD_REFUSED', why: Number(code), channelId };
}

export function wordDiscordRefusal({
  why,
  channelId,
}: Extract<Problem, { code: 'E_DISCORD_REFUSED' }>): string {
  const where = channelId === undefined ? '' : ` in <#${channelId}>`;
  if (typeof why === 'number')
    return `Discord refused this${where} for a reason that I do not know (its error ${why}). Try again; if it stays so, tell whoever runs this bot.`;
  return `Discord refused this${where}. ${DISCORD_REFUSALS[why].sentence}`;
}

/** What may help where Discord refused. */
export function remedyOf({
  why,
}: Extract<Problem, { code: 'E_DISCORD_REFUSED' }>): Refusal['remedy'] {
  const refusal: Refusal | undefined = typeof why === 'number' ? undefined : DISCORD_REFUSALS[why];
  return refusal ? refusal.remedy : 'again';
}
