import type { Kysely } from 'kysely';
import type { MemberRef, Snowflake } from '../domain/ids.ts';
import type { SpokenVoice } from '../domain/voice.ts';
import type { Tables } from './schema.ts';

/** What was spoken, by whom, where; never the text. */
export interface UtteranceRecord {
  readonly id: string;
  readonly requester: MemberRef;
  readonly voice: SpokenVoice;
  readonly guildId: Snowflake;
  readonly channelId: Snowflake;
  readonly output: 'voice' | 'file' | 'message';
  readonly characters: number;
  readonly at: number;
}

export interface Utterances {
  add(utterance: UtteranceRecord): Promise<void>;
  /** When the member's last line was posted in a channel; lines in voice do not count. */
  lastPostAt(channelId: Snowflake, requester: MemberRef): Promise<number | undefined>;
}

export function createUtterances(db: Kysely<Tables>): Utterances {
  return {
    async add({ id, requester, voice, guildId, channelId, output, characters, at }) {
      await db
        .insertInto('utterance')
        .values({
          id,
          requester,
          voice: voice.kind === 'own' ? voice.voice.id : null,
          stock_voice: voice.kind === 'stock' ? `${voice.stock.model} ${voice.stock.id}` : null,
          guild_id: guildId,
          channel_id: channelId,
          output,
          characters,
          at,
        })
        .execute();
    },

    async lastPostAt(channelId, requester) {
      const row = await db
        .selectFrom('utterance')
        .select('at')
        .where('channel_id', '=', channelId)
        .where('requester', '=', requester)
        .where('output', '!=', 'voice')
        .orderBy('at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row?.at;
    },
  };
}
