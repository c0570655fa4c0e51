import type { ButtonInteraction, ChatInputCommandInteraction } from 'discord.js';
import type { CloneRequest } from '../../voices/cloning.ts';

export type CloneInteraction = ChatInputCommandInteraction | ButtonInteraction;

/** What `/clone` was asked for, as the buttons on its cards carry it. */
export interface CloneWish extends Omit<CloneRequest, 'userId' | 'guildId' | 'name'> {
  /** Undefined: named after the member, numbered if that is taken. */
  readonly name: string | undefined;
  /** Whether a name that is taken was already said to mean a further voice. */
  readonly adds: boolean;
}
