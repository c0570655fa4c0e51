import { createHash } from 'node:crypto';
import type { ButtonInteraction, Interaction } from 'discord.js';
import { UserError } from '../domain/errors.ts';
import { nonce } from '../domain/ids.ts';
import { type Clock, MINUTE_MS } from '../domain/time.ts';
import type { ComponentState } from '../store/components.ts';
import type { Store } from '../store/store.ts';

/**
 * Buttons whose state lives with us: a `custom_id` is an action and a random nonce, good for one
 * member in one place until it expires.
 */
export interface Components {
  /** Makes the `custom_id`s of one card for the member of this interaction. */
  issue(interaction: Interaction, buttons: readonly ButtonState[]): Promise<readonly string[]>;
  /** What the button was issued with; its whole card is used up. @throws UserError E_NOT_YOURS. */
  take(interaction: ButtonInteraction): Promise<Readonly<Record<string, unknown>>>;
}

export interface ButtonState {
  readonly action: string;
  /** Kept in memory only, so that it may hold what must not be stored; but see `isLasting`. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Whether it may be pressed again and survives a restart: then its payload is stored. */
  readonly isLasting?: boolean;
}

/** Within the life of an ephemeral answer's token. */
const LIFE_MS = 14 * MINUTE_MS;

export function createComponents(options: { store: Store; clock: Clock }): Components {
  const { store, clock } = options;
  const cards = new Map<string, { state: ComponentState; card: symbol }>();

  function sweep(): void {
    for (const [key, { state }] of cards) if (state.expiresAt < clock()) cards.delete(key);
  }

  return {
    async issue(interaction, buttons) {
      sweep();
      const card = Symbol('card');
      const customIds: string[] = [];
      for (const { action, payload = {}, isLasting } of buttons) {
        const secret = nonce();
        const state: ComponentState = {
          nonceHash: hash(secret),
          action,
          payload,
          userId: interaction.user.id,
          channelId: interaction.channelId ?? '',
          expiresAt: clock() + LIFE_MS,
        };
        if (isLasting) await store.components.add(state);
        else cards.set(state.nonceHash, { state, card });
        customIds.push(`${action}:${secret}`);
      }
      return customIds;
    },

    async take(interaction) {
      const [action, secret = ''] = interaction.customId.split(':');
      const nonceHash = hash(secret);
      const once = cards.get(nonceHash);
      const state = once?.state ?? (await store.components.find(nonceHash));
      const isTheirs =
        state?.action === action &&
        state?.userId === interaction.user.id &&
        state?.channelId === interaction.channelId;
      if (!state || !isTheirs || state.expiresAt < clock())
        throw new UserError({ code: 'E_NOT_YOURS' });
      // One press decides the card: its other buttons mean nothing any more.
      for (const [key, { card }] of cards) if (card === once?.card) cards.delete(key);
      return state.payload;
    },
  };
}

/** What a `custom_id` of ours asks for. */
export function actionOf(customId: string): string {
  return customId.split(':', 1)[0] ?? '';
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
