import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import type { Member } from '../discord/people/member.ts';
import { createUser } from '../discord/world/world.ts';
import { type Stage, setStage } from './stage.ts';

const DAY_MS = 86_400_000;
/** Each starts the bot twice. */
const LONG_MS = 120_000;

const run = async (member: Member, command: string, options = {}) =>
  (await (await member.runs(command, options)).done()).text;

describe('what a clone costs', () => {
  test(
    'with the defaults as shipped a new server clones, speaks, and its voice is renewed',
    async () => {
      await using stage = await setStage({ env: { CLONE_USD: '' } });
      const { ada, guild, discord, venice } = stage;
      expect(stage.bot.output.join()).toContain('price unknown: the catalogue names no fee');
      await stage.clone(ada, 'Me');
      expect(await run(ada, 'say', { text: 'This is how I sound.' })).toContain('Posted');
      expect(await run(ada, 'voices show', { voice: 'Me' })).toContain(
        'cloned once: price unknown',
      );

      venice.advance(8 * DAY_MS);
      await stage.bot.stop('SIGTERM');
      const sqlite = new BetterSqlite(join(stage.bot.folder, 'myna.db'));
      sqlite.prepare('update voice set expires_at = expires_at - ?').run(8 * DAY_MS);
      sqlite.close();
      // The operator is now a team, whose first has deleted their account.
      const { owner: operator } = discord.world.application;
      const gone = createUser({ id: discord.world.nextId(), name: 'Gone' });
      discord.world.application.team = { owner: gone, members: [gone, operator], invited: [] };
      await stage.restart();
      expect(await run(ada, 'say', { text: 'And after eight days.' })).toContain('Posted');
      expect(venice.uploads()).toHaveLength(2);
      expect(await run(ada, 'voices show', { voice: 'Me' })).toContain(
        'cloned once, renewed 1 time(s): price unknown',
      );

      for (const name of ['Bob', 'Cy']) await stage.clone(guild.addMember({ name }));
      const sample = discord.attach(stage.recording(), 'me.wav');
      // Before the card that asks for an agreement, and before anything is fetched.
      const fourth = await run(guild.addMember({ name: 'Dee' }), 'clone', { sample });
      expect(fourth).toContain('This server has had the 3 clones');
      const admin = guild.addMember({ name: 'Admin', permissions: ['ManageGuild'] });
      expect(await run(admin, 'admin usage')).toMatch(/clones +3\n *for clones +price unknown/);
      expect(await run(ada, 'say', { text: 'Lines go on.' })).toContain('Posted');

      // Where the operator has Manage Server, the whole bot's bound is the only one.
      const own = discord.addGuild('Own');
      own.addMember({ name: 'Boss', user: operator, permissions: ['ManageGuild'] });
      const other = own.addMember({ name: 'Other', permissions: ['ManageGuild'] });
      expect(await run(other, 'admin limits', { budget_per_day: 5 })).toContain('$5.00');
      expect(await run(admin, 'admin limits', { budget_per_day: 5 })).toContain('E_OPT_RANGE');
    },
    LONG_MS,
  );

  test(
    'an answer that is lost counts as spent and is not asked for again',
    async () => {
      await using stage = await setStage({ env: { CLONE_USD: '0.6' } });
      const { ada, guild, discord, venice } = stage;
      const admin = guild.addMember({ name: 'Admin', permissions: ['ManageGuild'] });
      const sample = discord.attach(stage.recording(), 'me.wav');
      const asked = await ada.runs('clone', { sample });
      await asked.done();
      venice.faults.add('/audio/voices', { kind: 'reset' });
      const agreed = await asked.clicks('I agree');
      await agreed.until(({ text }) => text.includes('its answer was lost'));
      expect(venice.uploads()).toHaveLength(1);
      expect(await run(admin, 'admin usage')).toMatch(/clones +1\n *for clones +\$0\.60/);

      const twice = await ada.runs('clone', { sample });
      await twice.until(({ text }) => text.includes('E_CLONE_LOST'));
      expect(venice.uploads()).toHaveLength(1);

      // What the provider certainly made nothing of is tried again, and costs nothing.
      const bob = guild.addMember({ name: 'Bob' });
      venice.faults.add('/audio/voices', { kind: 'status', status: 503 });
      await stage.clone(bob, 'Me');
      expect(venice.uploads()).toHaveLength(3);
      expect(await run(admin, 'admin usage')).toMatch(/clones +2\n *for clones +\$1\.20/);

      venice.faults.add('/audio/voices', { kind: 'hang' });
      await bob.runs('clone', { sample, name: 'Other' });
      await untilUploaded(stage, 4);
      await stage.bot.stop('SIGKILL');
      // As in a database of before fees were noted with the voice they were for.
      const sqlite = new BetterSqlite(join(stage.bot.folder, 'myna.db'));
      sqlite.exec(`update ledger set voice = null where voice in (select id from voice)`);
      sqlite.close();
      await stage.restart();
      expect(await run(bob, 'voices show', { voice: 'Me' })).toContain(
        'cloned once: price unknown',
      );
      expect(await run(admin, 'admin usage')).toMatch(/clones +3\n *for clones +\$1\.80/);
      // The server's own lines are paid from another pocket.
      expect(await run(admin, 'admin usage')).toMatch(/spent +\$0\.00/);
      // It is the bot's pocket, and its operator is told so.
      const user = discord.world.application.owner;
      const permissions = ['ManageGuild'] as const;
      const boss = discord.addGuild('Own').addMember({ name: 'Boss', user, permissions });
      const total = 'the whole bot: today $1.80 of $5.00, this month $1.80 of $50.00';
      expect(await run(boss, 'admin status')).toContain(total);

      venice.faults.add('/audio/voices', { kind: 'reset' });
      venice.advance(8 * DAY_MS);
      for (const text of ['First of two.', 'Second of two.'])
        expect(await run(bob, 'say', { text })).toContain('E_CLONE_LOST');
      expect(venice.uploads()).toHaveLength(5);
      // Half of the bot's day is used up.
      const late = await run(guild.addMember({ name: 'Late' }), 'clone', { sample });
      expect(late).toContain('is kept to renew the voices in use');
    },
    LONG_MS,
  );
});

async function untilUploaded({ venice }: Stage, times: number): Promise<void> {
  while (venice.uploads().length < times) await new Promise((resolve) => setTimeout(resolve, 20));
}
