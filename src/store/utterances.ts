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
  /** The members' own voices heard in a server since an instant, the latest first. */
  voicesHeard(guildId: Snowflake, since: number): Promise<readonly HeardVoice[]>;
}

export interface HeardVoice {
  /** Undefined once the voice was deleted or replaced. */
  readonly name: string | undefined;
  readonly owner: MemberRef;
  readonly lines: number;
  readonly lastAt: number;
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
          owner: voice.kind === 'own' ? voice.voice.owner : null,
          stock_voice: voice.kind === 'stock' ? `${voice.stock.model} ${voice.stock.id}` : null,
          guild_id: guildId,
          channel_id: channelId,
          output,
          characters,
          at,
        })
        .execute();
    },

    async voicesHeard(guildId, since) {
      const rows = await db
        .selectFrom('utterance')
        .leftJoin('voice', 'voice.id', 'utterance.voice')
        .select(({ fn }) => [
          'voice.name',
          'utterance.owner',
          fn.countAll<number>().as('lines'),
          fn.max<number>('utterance.at').as('last_at'),
        ])
        .where('utterance.guild_id', '=', guildId)
        .where('utterance.at', '>=', since)
        .where('utterance.owner', 'is not', null)
        .groupBy(['voice.id', 'voice.name', 'utterance.owner'])
        .$narrowType<{ owner: MemberRef }>()
        .orderBy('last_at', 'desc')
        .limit(25)
        .execute();
      return rows.map(({ name, owner, lines, last_at: lastAt }) => {
        return { name: name ?? undefined, owner, lines: Number(lines), lastAt };
      });
    },
  };
}
