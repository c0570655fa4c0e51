import type { Kysely } from 'kysely';
import type { Snowflake } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import type { Tables } from './schema.ts';

/** Where the bot means to be: written on joining, removed only by a deliberate leave. */
export interface VoiceSessions {
  put(guildId: Snowflake, channelId: Snowflake): Promise<void>;
  /** The message of its panel, undefined once that is gone; nothing where the bot does not mean to be. */
  putPanel(guildId: Snowflake, messageId: Snowflake | undefined): Promise<void>;
  remove(guildId: Snowflake): Promise<void>;
  list(): Promise<readonly VoiceSession[]>;
}

export interface VoiceSession {
  readonly guildId: Snowflake;
  readonly channelId: Snowflake;
  readonly panel: Snowflake | undefined;
}

export function createVoiceSessions(db: Kysely<Tables>, clock: Clock): VoiceSessions {
  return {
    async put(guildId, channelId) {
      const values = { channel_id: channelId, at: clock() };
      await db
        .insertInto('voice_session')
        .values({ guild_id: guildId, ...values })
        .onConflict((conflict) => conflict.column('guild_id').doUpdateSet(values))
        .execute();
    },

    async putPanel(guildId, messageId) {
      await db
        .updateTable('voice_session')
        .set({ panel: messageId ?? null })
        .where('guild_id', '=', guildId)
        .execute();
    },

    async remove(guildId) {
      await db.deleteFrom('voice_session').where('guild_id', '=', guildId).execute();
    },

    async list() {
      const rows = await db.selectFrom('voice_session').selectAll().execute();
      return rows.map((row) => ({
        guildId: row.guild_id,
        channelId: row.channel_id,
        panel: row.panel ?? undefined,
      }));
    },
  };
}
