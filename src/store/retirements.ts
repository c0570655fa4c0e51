import type { Kysely } from 'kysely';
import type { Snowflake } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import type { Retirement } from '../domain/voice.ts';
import type { Tables } from './schema.ts';

/** Models that the provider takes away, and who has been told of it, each for the date it goes. */
export interface RetirementStore {
  /** By the model. */
  list(): Promise<ReadonlyMap<string, Retirement>>;
  /** Keeps these and no others. */
  replace(retirements: ReadonlyMap<string, Retirement>): Promise<void>;
  /** Models still to go whose date the operator does not know. */
  untold(): Promise<readonly string[]>;
  tellOperator(model: string): Promise<void>;
  /** Voices still to fall silent whose owners were not written to, those that were used last first. */
  listDue(limit: number): Promise<readonly DueNote[]>;
  /** Notes that their owner is being written to; false: they were, or know. */
  claim(note: DueNote): Promise<boolean>;
  /** Lets it be written again. */
  release(note: DueNote): Promise<void>;
  /** Notes that the owner of the voice knows the date; false: they did. */
  tellOwner(voice: string, at: number): Promise<boolean>;
}

/** What the owner of a voice is to be told. */
export interface DueNote {
  readonly userId: Snowflake;
  readonly voice: string;
  readonly name: string;
  readonly model: string;
  readonly at: number;
}

export function createRetirementStore(db: Kysely<Tables>, clock: Clock): RetirementStore {
  return {
    async list() {
      const rows = await db.selectFrom('retirement').selectAll().execute();
      return new Map(
        rows.map(({ model, at, successor }) => [model, { at, successor: successor ?? undefined }]),
      );
    },

    async replace(retirements) {
      await db.transaction().execute(async (trx) => {
        const known = await trx.selectFrom('retirement').select('model').execute();
        for (const { model } of known)
          if (!retirements.has(model))
            await trx.deleteFrom('retirement').where('model', '=', model).execute();
        for (const [model, { at, successor = null }] of retirements)
          await trx
            .insertInto('retirement')
            .values({ model, at, successor, operator_knows: null })
            .onConflict((conflict) => conflict.column('model').doUpdateSet({ at, successor }))
            .execute();
      });
    },

    async untold() {
      const rows = await db
        .selectFrom('retirement')
        .select('model')
        .where('at', '>', clock())
        .where(({ eb, ref, or }) =>
          or([eb('operator_knows', 'is', null), eb('operator_knows', '<>', ref('at'))]),
        )
        .execute();
      return rows.map(({ model }) => model);
    },

    async tellOperator(model) {
      await db
        .updateTable('retirement')
        .set(({ ref }) => ({ operator_knows: ref('at') }))
        .where('model', '=', model)
        .execute();
    },

    async listDue(limit) {
      return await db
        .selectFrom('voice')
        .innerJoin('retirement', 'retirement.model', 'voice.model')
        .innerJoin('member', 'member.ref', 'voice.owner')
        .leftJoin('retirement_note', (join) =>
          join
            .onRef('retirement_note.voice', '=', 'voice.id')
            .onRef('retirement_note.at', '=', 'retirement.at'),
        )
        .select([
          'member.user_id as userId',
          'voice.id as voice',
          'voice.name',
          'voice.model',
          'retirement.at',
        ])
        .where('retirement.at', '>', clock())
        .where('retirement_note.voice', 'is', null)
        .orderBy('voice.last_used_at', 'desc')
        .limit(limit)
        .execute();
    },

    async claim({ voice, at }) {
      return await note({ voice, at, owner_knows: 0 });
    },

    async release({ voice, at }) {
      await db
        .deleteFrom('retirement_note')
        .where('voice', '=', voice)
        .where('at', '=', at)
        .where('owner_knows', '=', 0)
        .execute();
    },

    async tellOwner(voice, at) {
      return await note({ voice, at, owner_knows: 1 });
    },
  };

  /** @returns whether it says more than what was noted. */
  async function note(values: Tables['retirement_note']): Promise<boolean> {
    const { at, owner_knows } = values;
    const noted = await db
      .insertInto('retirement_note')
      .values(values)
      .onConflict((conflict) =>
        conflict
          .column('voice')
          .doUpdateSet({ at, owner_knows })
          .where(({ eb, or }) =>
            or([
              eb('retirement_note.at', '<>', at),
              eb('retirement_note.owner_knows', '<', owner_knows),
            ]),
          ),
      )
      .returning('voice')
      .executeTakeFirst();
    return noted !== undefined;
  }
}
