import type { APIMessage } from 'discord.js';
import { isLoading } from '../world/messages.ts';
import type { Callback, Message, OpenInteraction, World } from '../world/world.ts';
import type { Member } from './member.ts';
import { type SeenMessage, seeMessage } from './seen-message.ts';

/** What became of something a member did: a command, a press of a button. */
export interface Answer {
  /** The acknowledgement: its kind, whether only the member sees it, and how long it took. */
  acked(): Promise<{ type: number; isEphemeral: boolean; afterMs: number }>;
  /** Every callback the bot sent, also refused ones. */
  readonly callbacks: readonly Callback[];
  /** Resolves with the answer once it is more than "thinking". */
  done(options?: { timeoutMs?: number }): Promise<SeenMessage>;
  /** Resolves when the answer, as it is then, fits. */
  until(
    fits: (message: SeenMessage) => boolean,
    options?: { timeoutMs?: number },
  ): Promise<SeenMessage>;
  /** Every version of it so far, with `performance.now()`. */
  history(): readonly { readonly message: SeenMessage; readonly at: number }[];
  /** Whether the bot has deleted it. */
  readonly isDeleted: boolean;
  /** Further messages. */
  followUps(): readonly SeenMessage[];
  /** Presses the button whose label starts so. @throws when there is none to press. */
  clicks(label: string): Promise<Answer>;
  readonly sentMs: number;
}

export function createAnswer(world: World, member: Member, interaction: OpenInteraction): Answer {
  const see = (json: APIMessage): SeenMessage => seeMessage(world, json);
  const failed = () => {
    const refused = interaction.callbacks.find(({ status }) => status >= 300);
    if (refused && interaction.callbacks.every(({ status }) => status >= 300))
      throw new Error(`The bot's acknowledgement was refused with ${refused.status}`);
  };
  const until: Answer['until'] = async (fits, { timeoutMs = 20_000 } = {}) => {
    return await world.watch.until(
      () => {
        failed();
        const { original } = interaction;
        if (!original || isLoading(original)) return undefined;
        const seen = see(original.json);
        return fits(seen) ? seen : undefined;
      },
      { what: 'an answer that fits', timeoutMs },
    );
  };
  // An update of a card starts from the card: it is answered once it has changed or a follow-up came.
  const before = interaction.source?.versions.length ?? 0;

  return {
    callbacks: interaction.callbacks,
    sentMs: interaction.sentMs,
    async acked() {
      return await world.watch.until(
        () => {
          const [first] = interaction.callbacks;
          if (!first) return undefined;
          const flags = Number(first.data['flags'] ?? 0);
          return { type: first.type, isEphemeral: (flags & 64) !== 0, afterMs: first.afterMs };
        },
        { what: 'an acknowledgement' },
      );
    },
    async done({ timeoutMs = 20_000 } = {}) {
      return await world.watch.until(
        () => {
          failed();
          const [further] = interaction.followUps;
          if (further) return see(further.json);
          const { original, source } = interaction;
          if (!original || isLoading(original)) return undefined;
          if (original === source && original.versions.length === before) return undefined;
          return see(original.json);
        },
        { what: 'an answer', timeoutMs },
      );
    },
    until,
    history: () =>
      versionsOf(interaction.original).map(({ json, at }) => ({ message: see(json), at })),
    get isDeleted() {
      return interaction.original?.isDeleted ?? false;
    },
    followUps: () => interaction.followUps.map(({ json }) => see(json)),
    async clicks(label) {
      const card = interaction.followUps.at(-1) ?? interaction.original;
      if (!card) throw new Error('There is no answer to press a button on');
      return await member.presses(card, label);
    },
  };
}

function versionsOf(message: Message | undefined) {
  return message?.versions ?? [];
}
