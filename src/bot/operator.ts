import type { Client } from 'discord.js';
import type { Logger } from 'pino';
import type { Snowflake } from '../domain/ids.ts';
import { HOUR_MS } from '../domain/time.ts';
import { post, postPrivately } from './post.ts';

/** Whoever runs the bot: the owner of its application, or that team. */
export interface Operator {
  /** Whether this account may see what the whole bot spends, and how much the provider still has. */
  is(userId: Snowflake): boolean;
  /** In their channel, or a direct message to the first of them. Never fails: an alert that cannot be delivered is logged. */
  alert(text: string): Promise<void>;
  /** Says once an hour what of the provider only the operator can mend. */
  providerTrouble(kind: 'unauthorized' | 'no-balance'): Promise<void>;
}

const TROUBLES = {
  unauthorized:
    'Venice refuses the API key: it is wrong, expired, or lacks access. Nobody can be heard until VENICE_API_KEY is replaced and the bot restarted.',
  'no-balance':
    'Venice says the balance or the spend limit of the key is used up. Top it up or raise the limit on venice.ai. Meanwhile the bot spends nothing; while somebody wants to speak, it looks once a minute whether there is balance again.',
} as const;

export function createOperator(options: {
  client: Client;
  channelId: string | undefined;
  operatorIds: readonly Snowflake[];
  log: Logger;
}): Operator {
  const { client, channelId, operatorIds, log } = options;
  const [ownerId] = operatorIds;
  const toldAt = new Map<string, number>();

  const operator: Operator = {
    is: (userId) => operatorIds.includes(userId),

    async providerTrouble(kind) {
      const now = performance.now();
      if (now - (toldAt.get(kind) ?? Number.NEGATIVE_INFINITY) < HOUR_MS) return;
      toldAt.set(kind, now);
      await operator.alert(TROUBLES[kind]);
    },

    async alert(text) {
      log.warn({ alert: text }, 'alert to the operator');
      try {
        if (channelId !== undefined) await post(client, channelId, { content: text });
        else if (ownerId !== undefined) await postPrivately(client, ownerId, { content: text });
      } catch (error) {
        log.warn({ err: error }, 'the operator could not be told');
      }
    },
  };
  return operator;
}
