import type { ButtonInteraction, ChatInputCommandInteraction } from 'discord.js';
import type { Logger } from 'pino';
import { cleared } from './answers.ts';
import type { Answer } from './command.ts';

/** Shows how far things are, until they have ended. */
export interface Progress {
  /** One after the other, and of those that wait only the last. Resolves also where it could not be shown. */
  show(answer: Answer): Promise<void>;
  /** What comes later is not shown: it must not be said after the end. */
  end(): void;
}

export function createProgress(
  interaction: ChatInputCommandInteraction | ButtonInteraction,
  log: Logger,
): Progress {
  let next: Answer | undefined;
  let showing: Promise<void> | undefined;
  let isOver = false;

  async function showAll(): Promise<void> {
    while (next && !isOver) {
      const answer = next;
      next = undefined;
      try {
        await interaction.editReply(cleared(answer));
      } catch (error) {
        // How far things are must not decide how they end.
        log.info({ err: error }, 'progress could not be shown');
      }
    }
    showing = undefined;
  }

  return {
    show(answer) {
      next = answer;
      showing ??= showAll();
      return showing;
    },
    end() {
      isOver = true;
    },
  };
}
