import type { ButtonInteraction, ChatInputCommandInteraction, GuildMember } from 'discord.js';
import type { MemberRef } from '../../domain/ids.ts';
import type { SpokenVoice } from '../../domain/voice.ts';
import type { Actor } from '../../guilds/access.ts';
import type { Utterance } from '../../speech/speech.ts';

export type SayInteraction = ChatInputCommandInteraction | ButtonInteraction;

/** A line that may be spoken: allowed, cleaned, paid for. */
export interface ReadyLine {
  readonly utterance: Utterance;
  readonly voice: SpokenVoice;
  readonly member: GuildMember;
  readonly requester: MemberRef;
  readonly actor: Actor;
}
