import { createHash } from 'node:crypto';
import type { ButtonInteraction, Interaction } from 'discord.js';
import { UserError } from '../domain/errors.ts';
import { nonce } from '../domain/ids.ts';
import { type Clock, MINUTE_MS } from '../domain/time.ts';
import type { Store } from '../store/store.ts';

/**
 * Buttons whose state lives with us: a `custom_id` is an action and a random nonce, good for one
 * member in one place until it expires.
 */
export interface Components {
  /**
   * Makes the `custom_id` of a button for the member of this interaction.
   * @param payload survives a restart, so it never holds a text; @param text is kept in memory only.
   */
  issue(interaction: Interaction, button: ButtonState): Promise<string>;
  /** @throws UserError E_NOT_YOURS, E_EXPIRED_BUTTON. */
  take(interaction: ButtonInteraction): Promise<Readonly<Record<string, unknown>>>;
}

export interface ButtonState {
  readonly action: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly text?: string;
  /** Whether it may be pressed again; else two presses at once do its work once. */
  readonly isLasting?: boolean;
  /** @default 14 minutes, within the life of an ephemeral answer's token. */
  readonly lifeMs?: number;
}

const DEFAULT_LIFE_MS = 14 * MINUTE_MS;

export function createComponents(options: { store: Store; clock: Clock }): Components {
  const { store, clock } = options;
  const texts = new Map<string, { text: string; expiresAt: number }>();

  return {
    async issue(
      interaction,
      { action, payload = {}, text, isLasting = false, lifeMs = DEFAULT_LIFE_MS },
    ) {
      const secret = nonce();
      const expiresAt = clock() + lifeMs;
      for (const [key, kept] of texts) if (kept.expiresAt < clock()) texts.delete(key);
      if (text !== undefined) texts.set(hash(secret), { text, expiresAt });
      await store.components.add({
        nonceHash: hash(secret),
        action,
        payload: { ...payload, hasText: text !== undefined, isLasting },
        userId: interaction.user.id,
        channelId: interaction.channelId ?? '',
        expiresAt,
      });
      return `${action}:${secret}`;
    },

    async take(interaction) {
      const [action, secret = ''] = interaction.customId.split(':');
      const nonceHash = hash(secret);
      const row = await store.components.find(nonceHash);
      const isTheirs =
        row?.action === action &&
        row?.userId === interaction.user.id &&
        row?.channelId === interaction.channelId;
      if (!row || !isTheirs || row.expiresAt < clock())
        throw new UserError({ code: 'E_NOT_YOURS' });
      // Of two presses at once only one removes it.
      const isFirst = row.payload['isLasting'] || (await store.components.remove(nonceHash));
      if (!isFirst) throw new UserError({ code: 'E_NOT_YOURS' });
      if (!row.payload['hasText']) return row.payload;
      const kept = texts.get(nonceHash);
      if (!kept) throw new UserError({ code: 'E_EXPIRED_BUTTON' });
      return { ...row.payload, text: kept.text };
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
