import { createHash } from 'node:crypto';
import type { ButtonInteraction } from 'discord.js';
import { UserError } from '../domain/errors.ts';
import { nonce, type Snowflake } from '../domain/ids.ts';
import { type Clock, MINUTE_MS } from '../domain/time.ts';
import type { ComponentState } from '../store/components.ts';
import type { Store } from '../store/store.ts';

/**
 * Buttons whose state lives with us: a `custom_id` is an action and a random nonce, good for one
 * member, or for anybody, in one place until it expires.
 */
export interface Components {
  /** Makes the `custom_id`s of one card. */
  issue(holder: Holder, buttons: readonly ButtonState[]): Promise<readonly string[]>;
  /** What the button was issued with; its whole card is used up. @throws UserError E_NOT_YOURS. */
  take(interaction: ButtonInteraction): Promise<Readonly<Record<string, unknown>>>;
}

/** Who may press the buttons of a card, where it stands, and for how long. */
export interface Holder {
  /** Undefined: whoever sees it; what the button does decides what it does for them. */
  readonly userId: Snowflake | undefined;
  readonly channelId: Snowflake;
  /** @default 14 minutes, within the life of a private answer's token */
  readonly lifeMs?: number;
}

export interface ButtonState {
  readonly action: string;
  /** Kept in memory only, so that it may hold what must not be stored; but see `isLasting`. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Whether it may be pressed again and survives a restart: then its payload is stored. */
  readonly isLasting?: boolean;
}

const LIFE_MS = 14 * MINUTE_MS;

export function createComponents(options: { store: Store; clock: Clock }): Components {
  const { store, clock } = options;
  const cards = new Map<string, { state: ComponentState; card: symbol }>();

  function sweep(): void {
    for (const [key, { state }] of cards) if (state.expiresAt < clock()) cards.delete(key);
  }

  return {
    async issue({ userId, channelId, lifeMs = LIFE_MS }, buttons) {
      sweep();
      const card = Symbol('card');
      const customIds: string[] = [];
      for (const { action, payload = {}, isLasting } of buttons) {
        const secret = nonce();
        const state: ComponentState = {
          nonceHash: hash(secret),
          action,
          payload,
          userId,
          channelId,
          expiresAt: clock() + lifeMs,
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
        state !== undefined &&
        state.action === action &&
        (state.userId ?? interaction.user.id) === interaction.user.id &&
        state.channelId === interaction.channelId;
      if (!isTheirs || state.expiresAt < clock()) throw new UserError({ code: 'E_NOT_YOURS' });
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
