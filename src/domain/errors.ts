/**
 * Everything that may go wrong and be told to a member: a code, and just what its sentence needs.
 * The sentences live in `bot/words.ts`, whose switch is closed over this union.
 */
export type Problem =
  // the text of a line
  | { code: 'E_TEXT_EMPTY' }
  | { code: 'E_TEXT_UNSPEAKABLE' }
  | { code: 'E_TEXT_SPOILER' }
  | { code: 'E_TEXT_ENCODING' }
  | { code: 'E_TEXT_LONG'; length: number; max: number }
  // the attachment of a sample
  | { code: 'E_ATT_EMPTY' }
  | { code: 'E_ATT_BIG'; maxBytes: number }
  | { code: 'E_ATT_TYPE' }
  | { code: 'E_ATT_EXPIRED' }
  | { code: 'E_ATT_HOST' }
  | { code: 'E_ATT_TIMEOUT' }
  // the sound of a sample
  | { code: 'E_AUDIO_DECODE' }
  | { code: 'E_AUDIO_NONE' }
  | { code: 'E_AUDIO_SHORT'; seconds: number; minSeconds: number }
  | { code: 'E_AUDIO_SILENT' }
  | { code: 'E_AUDIO_CLIPPED' }
  // voices
  | { code: 'E_VOICE_NONE'; query: string; among: 'own' | 'all' }
  | { code: 'E_VOICE_MISSING'; offersStock: boolean }
  | { code: 'E_VOICE_AMBIGUOUS'; query: string }
  | { code: 'E_VOICE_LAPSED'; name: string; why: 'no-sample' | 'refused' }
  | { code: 'E_VOICE_REFUSED'; name: string }
  | { code: 'E_VOICE_MODEL'; name: string; model: string; retiredAt: number | undefined }
  | { code: 'E_VOICES_FULL'; max: number }
  | { code: 'E_NAME_TAKEN'; name: string; by: 'own' | 'stock' }
  | { code: 'E_NAME_BAD' }
  | { code: 'E_MODEL_NONE'; model: string }
  | { code: 'E_CONSENT_NEEDED' }
  | { code: 'E_CONSENT_FLOOR' }
  | { code: 'E_CLONE_BUSY' }
  | { code: 'E_TOO_NEW'; what: 'account' | 'membership'; until: number }
  // options, buttons and places
  | { code: 'E_OPT_RANGE'; option: string; min: number; max: number; whose?: BoundOwner }
  | { code: 'E_OPT_VALUE'; option: string }
  | { code: 'E_OPT_RESET'; option: string }
  | { code: 'E_OPT_FORMAT'; output: 'voice' | 'message' }
  | { code: 'E_CHANNEL_TYPE' }
  | { code: 'E_GUILD_ONLY' }
  | { code: 'E_NOT_YOURS' }
  | { code: 'E_EXPIRED_BUTTON' }
  // rights
  | { code: 'E_BOT_PERMS'; permissions: readonly string[]; channelId: string }
  | { code: 'E_MEMBER_PERMS'; permissions: readonly string[]; channelId: string }
  | ({ code: 'E_NOT_ALLOWED' } & (RuleRefusal | BlockRefusal))
  | {
      code: 'E_NOT_ALLOWED';
      why:
        | 'muted'
        | 'timed-out'
        | 'audience'
        | 'afk'
        | 'bot'
        | 'not-allowed-guild'
        | 'not-allowed-member';
    }
  | { code: 'E_ACCESS_SUBJECT'; why: 'incomplete' | 'none' | 'moderators-by-role' }
  | { code: 'E_BLOCK'; whom: 'self' | 'bot' | 'admin' }
  | { code: 'E_NEEDS_RIGHT'; right: 'Manage Server' | 'moderator' }
  | { code: 'E_OFF' }
  | { code: 'E_BOT_MUTED'; channelId: string }
  // the voice channel and its queue
  | { code: 'E_JOIN_VOICE'; what: 'join' | 'say' }
  | { code: 'E_NOT_IN_VOICE' }
  | { code: 'E_BUSY_ELSEWHERE'; channelId: string }
  | { code: 'E_OTHERS_LISTENING'; channelId: string }
  | { code: 'E_CHANNEL_FULL'; channelId: string }
  | { code: 'E_VOICE_CONNECT'; channelId: string }
  | { code: 'E_VOICE_LOST'; channelId: string }
  | { code: 'E_VOICE_REMOVED'; channelId: string }
  | { code: 'E_VOICE_MOVED'; channelId: string; to: string }
  | { code: 'E_CALLED_AWAY'; channelId: string }
  | { code: 'E_QUEUE_FULL'; whose: 'member' | 'server'; max: number }
  | {
      code: 'E_NOTHING_TO_SKIP';
      what: 'skip' | 'stop';
      /** The lines that were meant: all, or the member's own. */
      whose: 'all' | 'own';
      isSpeaking: boolean;
      /** Of those that were meant. */
      waiting: number;
    }
  // limits and money
  | {
      code: 'E_RATE';
      what: 'lines' | 'clones' | 'recordings' | 'slow-mode' | 'posts';
      until: number;
    }
  /** `neverFits`: not even in a day of which nothing was used. */
  | {
      code: 'E_CHARACTERS';
      whose: 'member' | 'server';
      max: number;
      until: number;
      neverFits: boolean;
    }
  | {
      code: 'E_BUDGET';
      /** The operator's: what they give this server. */
      whose: 'server' | 'operator';
      period: 'day' | 'month';
      max: number;
      until: number;
      neverFits: boolean;
    }
  /** Without the amount, which is for the operator alone. */
  | {
      code: 'E_BUDGET';
      whose: 'bot';
      period: 'day' | 'month';
      isZero: boolean;
      until: number;
      neverFits: boolean;
    }
  /** `max`: clones that may be made there while nobody names their price. */
  | { code: 'E_CLONES'; whose: 'server' | 'messages'; max: number; until: number }
  | { code: 'E_CLONES'; whose: 'bot'; neverFits: boolean; until: number }
  /** `whose`: what the bot may spend on renewals, or how often a voice may be renewed in a day. */
  | { code: 'E_RENEWAL_BUDGET'; whose: 'bot' | 'voice'; name: string; until: number }
  | { code: 'E_CLONE_LOST'; what: 'clone' | 'renewal' }
  // the provider
  | { code: 'E_PROVIDER_DOWN' }
  | { code: 'E_PROVIDER_BUSY'; until: number }
  | { code: 'E_PROVIDER_ACCESS' }
  | { code: 'E_PROVIDER_MODEL'; model: string }
  | { code: 'E_PROVIDER_BALANCE' }
  | { code: 'E_PROVIDER_REJECTED' }
  | { code: 'E_PROVIDER_BIG' }
  | { code: 'E_PROVIDER_BAD_AUDIO' }
  // the post
  | { code: 'E_THREAD_UNSEEN'; channelId: string; botId: string }
  | { code: 'E_FILE_BIG'; format: string }
  /** `why` as a number: a code of Discord's that we do not know. */
  | { code: 'E_DISCORD_REFUSED'; why: DiscordRefusal | number; channelId: string | undefined }
  /** Nobody knows whether it was posted. */
  | { code: 'E_DISCORD_DOWN' }
  /** It did not answer before anything was done. */
  | { code: 'E_DISCORD_AWAY' }
  // the bot itself
  /** Another process holds the database. */
  | { code: 'E_STORE_BUSY' }
  | { code: 'E_DISK_FULL'; what: 'keep' | 'delete' }
  | ({ code: 'E_WITHDRAWN' } & Withdrawn)
  | { code: 'E_INTERRUPTED'; what: Interrupted }
  /** The process stops while a line is heard, or its sound is being made. */
  | { code: 'E_CUT_SHORT'; channelId: string }
  | { code: 'E_STOPPING' };

/** What a restart came between: a line, a clone, or anything else. */
export type Interrupted = 'line' | 'clone' | 'other';

/** What the rules of a server have against something, and what they allow. */
export interface RuleRefusal {
  readonly why: 'role' | 'channel';
  readonly what: 'clone' | 'speak';
  readonly guildId: string;
  /** The roles or channels allowed by name, of which one is needed; empty: all but those denied. */
  readonly allowed: readonly string[];
  /** Those that are denied and hold here. */
  readonly denied: readonly string[];
}

/** A moderator of the server has blocked the member. */
export interface BlockRefusal {
  readonly why: 'blocked';
  /** Undefined: until it is lifted. */
  readonly until: number | undefined;
}

/** Who decided how far an option goes. */
export type BoundOwner = 'operator' | 'discord' | 'bot';

/** Why a line that was allowed may not be heard any more, rules and blocks of its server aside. */
export type Withdrawal =
  | 'off'
  | 'timed-out'
  /** The member is gone: out of voice, or no member of the server any more. */
  | 'left-voice'
  | 'departed'
  | 'muted'
  | 'bot-muted'
  | 'no-speak'
  | 'bot-no-speak'
  /** On a stage: the member is in its audience; the bot was moved there; nobody let it speak. */
  | 'audience'
  | 'bot-audience'
  | 'not-let'
  | 'afk'
  | 'full'
  /** Before it began: all have left the channel. */
  | 'nobody'
  | 'channel-gone'
  | 'guild-gone'
  | 'forgotten'
  | 'voice-gone';

/** Why a line was taken back. */
export type Withdrawn = { readonly why: Withdrawal } | RuleRefusal | BlockRefusal;

/** Why Discord refuses what the bot asks for; the codes that mean it stand in `bot/discord-refusals.ts`. */
export type DiscordRefusal =
  | 'automod'
  | 'filter'
  | 'slow'
  | 'edits'
  | 'archived'
  | 'locked'
  | 'access'
  | 'rights'
  | 'voice-message'
  | 'uploads'
  | 'gone'
  | 'message-gone'
  | 'place'
  | 'private'
  | 'paused'
  | 'guard';

/** A refusal with a reason that may be shown to the member; never a bug, never logged as one. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.code, options);
    this.problem = problem;
  }
}

/** Closes a switch over a union: the compiler reports the missing case, the process the bad value. */
export function unreachable(value: never): never {
  throw new Error(`Unexpected ${JSON.stringify(value)}`);
}
