import type { GuildMember, VoiceBasedChannel } from 'discord.js';
import type { FileFormat } from '../../audio/speech-file.ts';
import { UserError } from '../../domain/errors.ts';

export const OUTPUTS = ['auto', 'voice', 'file', 'message'] as const;
export const FORMATS = ['mp3', 'ogg', 'wav', 'flac'] as const satisfies readonly FileFormat[];

/** What a member asked for with `/say`, checked but not yet looked up. */
export interface Wish {
  readonly text: string;
  readonly voice: string | undefined;
  readonly output: (typeof OUTPUTS)[number];
  /** Undefined: not asked for, and mp3 if it becomes a file. */
  readonly format: FileFormat | undefined;
  readonly speed: number | undefined;
  readonly temperature: number | undefined;
  /** Whether only as many of its sentences are spoken as the server allows in a line. */
  readonly isFirstPart?: boolean;
  /** Names what is posted for it: where nobody knows what became of that, it is tried again so. */
  readonly postId: string;
}

type Asked = Pick<Wish, 'output' | 'format'>;

/**
 * `auto` is heard where the requester is: in their voice channel, else as a file, and as one where a
 * kind of file was asked for; it stays that.
 */
export function settleOutput<W extends Asked>(wish: W, { voice }: GuildMember): W {
  if (wish.output !== 'auto') return wish;
  const isHeard = voice.channel !== null && wish.format === undefined;
  return { ...wish, output: isHeard ? 'voice' : 'file' };
}

/** Where the line goes. */
export type Way =
  | { readonly kind: 'voice'; readonly channel: VoiceBasedChannel }
  | { readonly kind: 'file'; readonly format: FileFormat }
  | { readonly kind: 'message' };

/** @throws UserError E_OPT_FORMAT, E_JOIN_VOICE. */
export function chooseWay({ output, format }: Asked, member: GuildMember): Way {
  const { channel } = member.voice;
  if (output === 'file') return { kind: 'file', format: format ?? 'mp3' };
  if (format !== undefined && output !== 'auto')
    throw new UserError({ code: 'E_OPT_FORMAT', output });
  if (output === 'message') return { kind: 'message' };
  if (!channel) throw new UserError({ code: 'E_JOIN_VOICE', what: 'say' });
  return { kind: 'voice', channel };
}
