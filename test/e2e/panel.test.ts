import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Member } from '../discord/people/member.ts';
import { deleteMessage } from '../discord/world/messages.ts';
import type { Message } from '../discord/world/world.ts';
import { READING, type Stage, setStage } from './stage.ts';

const TITLE = '**Now speaking:**';

describe('the panel in the chat of a voice channel', () => {
  let stage: Stage;
  let bea: Member;
  let mod: Member;
  beforeAll(async () => {
    stage = await setStage();
    bea = stage.guild.addMember({ name: 'Bea' });
    mod = stage.guild.addMember({ name: 'Mod', permissions: ['ModerateMembers'] });
    for (const member of [stage.ada, bea]) {
      await stage.clone(member);
      member.joinsVoice(stage.guild.lounge);
    }
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  /** The panel, once what it shows fits. */
  async function panel(fits: (message: Message) => boolean): Promise<Message> {
    const { guild, discord } = stage;
    const isOurs = ({ json }: Message) => json.author.id === discord.world.bot.id;
    return await discord.world.watch.until(
      () => [...guild.lounge.messages.values()].findLast((one) => isOurs(one) && fits(one)),
      { what: 'a panel that fits' },
    );
  }
  const shows =
    (...parts: string[]) =>
    ({ json }: Message) =>
      parts.every((part) => json.content.includes(part));
  const pressed = async (member: Member, message: Message, label: string) =>
    (await (await member.presses(message, label)).done()).text;

  test('it shows who is heard and who waits, and its buttons work for whom they may', async () => {
    const { ada } = stage;
    const first = await ada.runs('say', { text: READING });
    const alone = await panel(shows(TITLE, `speaking:** <@${ada.id}>`));
    const second = await bea.runs('say', { text: READING, voice: 'af_sky', speed: 2 });
    // As long as people take to say it, and half as long.
    const both = await panel(
      shows(`speaking:** <@${ada.id}>`, '12 seconds\n1 waiting, about 6 seconds', `<@${bea.id}>`),
    );
    expect(both.id).toBe(alone.id);
    const refusal = await pressed(bea, both, 'Skip');
    expect(refusal).toContain('not yours, and only moderators can skip it');
    expect(refusal).toContain('`/stop` takes yours back');
    expect(await pressed(mod, both, 'Cancel mine')).toContain('No line of yours is being spoken');
    expect(await pressed(mod, both, 'Skip')).toContain(`Skipped the line of <@${ada.id}>`);
    expect((await first.done()).text).toContain('skipped by a moderator');
    const next = await panel(shows(TITLE, `speaking:** <@${bea.id}>`));
    expect(next.json.content).not.toContain('waiting');
    expect(await pressed(bea, next, 'Cancel mine')).toContain('Cancelled one line of yours');
    expect((await second.until(({ text }) => text.includes('stopped'))).text).toContain('stopped');
    const quiet = await panel(shows('Nothing is being spoken'));
    expect(quiet.id).toBe(alone.id);
    expect(quiet.json.components).toEqual([]);
    const times = quiet.versions.map(({ at }) => at);
    for (const [index, at] of times.slice(1).entries())
      expect(at - (times[index] ?? 0)).toBeGreaterThan(1_990);
  });

  test('its Skip is for the line it showed, and not for one that has begun since', async () => {
    const { ada } = stage;
    const first = await ada.runs('say', { text: READING });
    const second = await bea.runs('say', { text: READING });
    const both = await panel(shows(TITLE, `speaking:** <@${ada.id}>`, '1 waiting'));
    expect(await pressed(ada, both, 'Cancel mine')).toContain('Cancelled one line of yours');
    expect(both.json.content).toContain(`speaking:** <@${ada.id}>`);
    expect(await pressed(mod, both, 'Skip')).toContain('a moment behind, so nothing was skipped');
    expect((await first.done()).text).toContain('stopped');
    const next = await panel(shows(TITLE, `speaking:** <@${bea.id}>`));
    expect(await pressed(mod, next, 'Skip')).toContain(`Skipped the line of <@${bea.id}>`);
    expect((await second.until(({ text }) => text.includes('skipped'))).text).toContain(
      'moderator',
    );
    await panel(shows('Nothing is being spoken'));
  });

  test('of what members did themselves no private answer stays; of what others did it does', async () => {
    const { ada, discord } = stage;
    const skipped = await ada.runs('say', { text: READING });
    const shown = await panel(shows(TITLE));
    const refused = await bea.presses(shown, 'Skip');
    expect((await refused.done()).text).toContain('not yours');
    expect(await pressed(mod, shown, 'Skip')).toContain('Skipped');
    expect((await skipped.done()).text).toContain('by a moderator');
    const stopped = await bea.runs('say', { text: READING });
    await panel(shows(TITLE, `speaking:** <@${bea.id}>`));
    await (await bea.runs('stop')).done();
    await discord.world.watch.until(() => (refused.isDeleted && stopped.isDeleted) || undefined, {
      what: 'their end',
      timeoutMs: 20_000,
    });
    expect(skipped.isDeleted).toBe(false);
    await panel(shows('Nothing is being spoken'));
  });

  test('a chat that has moved on gets it anew, at the bottom', async () => {
    const { ada, guild } = stage;
    const old = await panel(shows('Nothing is being spoken'));
    const answer = await ada.runs('say', { text: READING });
    const shown = await panel(shows(TITLE));
    expect(shown.id).toBe(old.id);
    for (let line = 0; line < 5; line += 1) bea.writes(guild.lounge, `Chatter ${line}`);
    const anew = await panel((message) => message.id !== old.id && shows(TITLE)(message));
    expect(old.isDeleted).toBe(true);
    expect([...guild.lounge.messages.keys()].at(-1)).toBe(anew.id);
    expect(await pressed(ada, anew, 'Stop')).toBe('Stopped one line.');
    expect((await answer.until(({ text }) => text.includes('stopped'))).text).toContain('stopped');
  });

  test('a change that did not get through is made up for', async () => {
    const { ada, discord } = stage;
    const answer = await ada.runs('say', { text: READING });
    const shown = await panel(shows(TITLE));
    // Once, and as often again as the library tries.
    discord.rest.fail({ method: 'PATCH', path: `/messages/${shown.id}`, status: 502 }, 4);
    expect(await pressed(ada, shown, 'Stop')).toBe('Stopped one line.');
    await panel((message) => message.id === shown.id && shows('Nothing is being spoken')(message));
    expect((await answer.until(({ text }) => text.includes('stopped'))).text).toContain('stopped');
  });

  test('one that is too old to be changed any more is replaced', async () => {
    const { ada, discord } = stage;
    const answer = await ada.runs('say', { text: READING });
    const old = await panel(shows(TITLE));
    const path = `/messages/${old.id}`;
    discord.rest.fail({ method: 'PATCH', path, status: 400, code: 30_046 });
    const waiting = await bea.runs('say', { text: READING });
    const anew = await panel((message) => message.id !== old.id && shows(TITLE)(message));
    expect(old.isDeleted).toBe(true);
    expect(await pressed(mod, anew, 'Stop')).toContain('Stopped');
    for (const line of [answer, waiting]) await line.until(({ text }) => text.includes('stopped'));
  });

  test('one that was deleted comes back with the next line, and goes when the bot leaves', async () => {
    const { ada, guild, discord } = stage;
    deleteMessage(discord.world, await panel(shows('Nothing is being spoken')));
    const answer = await ada.runs('say', { text: READING });
    const anew = await panel(shows(TITLE));
    await (await mod.runs('leave')).done();
    await discord.world.watch.until(() => anew.isDeleted || undefined, { what: 'its end' });
    expect((await answer.done()).text).toContain('I was sent out');
    expect(guild.messages(guild.lounge).some(({ content }) => content.includes(TITLE))).toBe(false);
  });

  test('where Discord refuses it, it is not tried again and again', async () => {
    const { ada, guild, discord } = stage;
    const path = `/channels/${guild.lounge.id}/messages`;
    await (await ada.runs('join')).done();
    await ada.runs('say', { text: READING });
    const shown = await panel(shows(TITLE));
    discord.rest.fail({ method: 'POST', path, status: 403, code: 50_013 });
    deleteMessage(discord.world, shown);
    const asked = discord.rest.requests.length;
    const waiting = await bea.runs('say', { text: READING });
    const tries = () =>
      discord.rest.requests
        .slice(asked)
        .filter(
          (request) =>
            request.method === 'POST' &&
            request.path === path &&
            JSON.stringify(request.body).includes('1 waiting'),
        );
    await waiting.until(({ text }) => text.includes('1 before you'));
    // As long as after an outage, and a little.
    await sleep(7_000);
    expect(tries()).toHaveLength(1);
    await (await mod.runs('leave')).done();
    await waiting.until(({ text }) => text.includes('I was sent out'));
  });

  test('what a crash leaves behind is taken away at the next start', async () => {
    const { ada, discord } = stage;
    await ada.runs('say', { text: READING });
    await panel(shows(TITLE));
    await bea.runs('say', { text: READING });
    // Known by now: it is changed only once it has been noted.
    const left = await panel(shows(TITLE, '1 waiting'));
    await stage.bot.stop('SIGKILL');
    await stage.restart();
    await discord.world.watch.until(() => left.isDeleted || undefined, { what: 'its end' });
  });

  test('a stop takes it away', async () => {
    await stage.ada.runs('say', { text: 'This is the last one for today.' });
    const shown = await panel(shows(TITLE));
    await stage.bot.stop('SIGTERM');
    expect(shown.isDeleted).toBe(true);
  });
});
