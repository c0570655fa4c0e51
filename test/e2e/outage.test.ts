import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Member } from '../discord/people/member.ts';
import type { SeenMessage } from '../discord/people/seen-message.ts';
import { expectContiguous } from '../discord/voice/expect-contiguous.ts';
import type { Listener } from '../discord/voice/listener.ts';
import { READING, type Stage, setStage } from './stage.ts';

/** As often as the library asks before it gives up. */
const GIVES_UP = 4;

let stage: Stage;
beforeAll(async () => {
  const later = new URL('later.mjs', import.meta.url);
  const env = { NODE_OPTIONS: `--import=${later}` };
  stage = await setStage({ venice: { requestsPerMinute: 600 }, env });
  await stage.clone(stage.ada);
});
afterAll(() => stage[Symbol.asyncDispose]());

describe('an outage of Discord', () => {
  test('what became of a line that was heard is told once Discord is back', async () => {
    const { ada, discord, guild } = stage;
    ada.joinsVoice(guild.lounge);
    const spoken = { method: 'PATCH', path: '@original', says: 'Spoken in', status: 500 };
    discord.rest.fail(spoken, GIVES_UP);
    const answer = await ada.runs('say', { text: 'Do you hear me?' });
    expect((await answer.done()).text).toContain('Spoken in');
    expect(stage.bot.output.join()).not.toContain('a bug');
    ada.leavesVoice();
  });

  test('choices that come too late are no bug', async () => {
    const { ada, discord, bot } = stage;
    discord.rest.fail({ method: 'POST', path: '/callback', status: 404, code: 10_062 });
    ada.completes('say', 'voice', 'a').catch(() => 'They never come');
    const logged = await bot.line(({ type }) => type === 4);
    expect(logged).toMatchObject({ level: 40, why: 'DiscordAPIError[10062]: injected 404' });
  });

  test('what cannot be looked up for now is no bug of ours', async () => {
    const { ada, discord, guild } = stage;
    const channel = guild.addOldThread('old', guild.lobby);
    const path = `/channels/${channel.id}`;
    discord.rest.fail({ method: 'GET', path, status: 503 }, GIVES_UP);
    const answer = await ada.runs('queue', {}, { channel });
    expect((await answer.done()).text).toContain('E_DISCORD_AWAY');
  });

  test('an answer that Discord refuses as it is still becomes one', async () => {
    const { ada, discord } = stage;
    const helped = { method: 'PATCH', path: '@original', says: 'Next', status: 400 };
    discord.rest.fail(helped);
    const answer = await ada.runs('help');
    expect((await answer.done()).text).toContain('Something went wrong on my side');
  });

  test.each(['cut', 502] as const)(
    'a command whose acknowledgement was taken unanswered (%s) is answered like any other',
    async (status) => {
      const { ada, discord } = stage;
      discord.rest.fail({ method: 'POST', path: '/callback', status, isDone: true });
      const answer = await ada.runs('help');
      expect((await answer.done()).text).toContain('Next');
    },
  );

  test.each([
    ['file', 'cut', 1],
    ['message', 'cut', 1],
    ['file', 502, 1],
    ['message', 502, 3],
    ['file', 'cut', GIVES_UP],
    ['message', 502, GIVES_UP],
  ] as const)(
    'a %s that Discord took is neither denied nor doubled where its answers are lost (%s, %d times)',
    async (output, status, times) => {
      const { discord, guild } = stage;
      const member = guild.addMember({ name: 'Lou' });
      const before = guild.messages(guild.lobby).length;
      const path = `/channels/${guild.lobby.id}/messages`;
      discord.rest.fail({ method: 'POST', path, says: 'attachments', status, isDone: true }, times);
      const line = { text: 'Heard, but not answered.', voice: 'af_sky', output };
      const answer = await member.runs('say', line);
      expect((await answer.done()).text).toMatch(/^Posted as a .*https:/);
      const posted = guild.messages(guild.lobby).slice(before);
      expect(posted.filter(({ attachments }) => attachments.length > 0)).toHaveLength(1);
      expect(posted).toHaveLength(output === 'file' ? 1 : 2);
    },
  );

  test('what may have been posted is not called lost, and not doubled when it is tried again', async () => {
    const { discord, guild } = stage;
    const member = guild.addMember({ name: 'Lou' });
    const before = guild.messages(guild.lobby).length;
    const path = `/channels/${guild.lobby.id}/messages`;
    const lost = { status: 502, isDone: true, isUntold: true };
    discord.rest.fail({ method: 'POST', path, says: 'attachments', ...lost }, GIVES_UP);
    const line = { text: 'Am I there?', voice: 'af_sky', output: 'message' };
    const answer = await member.runs('say', line);
    expect((await answer.done()).text).toContain('cannot tell whether this was posted');
    const posted = guild.messages(guild.lobby).slice(before);
    expect(posted.map(({ isVoiceMessage }) => isVoiceMessage)).toEqual([false, true]);
    const again = await (await answer.clicks('Try again')).done();
    expect(again.text).toContain(`Posted as a voice message: ${linkTo(posted.at(-1))}`);
    expect(guild.messages(guild.lobby)).toHaveLength(before + 2);
  });

  test.each([
    ['file', 'a file'],
    ['message', 'a voice message'],
  ])(
    'a %s that Discord did not take can be posted later, without being paid again',
    async (output, posted) => {
      const { ada, discord, guild, venice } = stage;
      const path = `/channels/${guild.lobby.id}/messages`;
      discord.rest.fail({ method: 'POST', path, status: 500 }, GIVES_UP);
      const answer = await ada.runs('say', { text: `Take this ${output}.`, output });
      expect((await answer.done()).text).toContain('E_DISCORD_DOWN');
      const spoken = venice.spoken().length;
      expect((await (await answer.clicks('Try again')).done()).text).toContain(
        `Posted as ${posted}`,
      );
      expect(venice.spoken()).toHaveLength(spoken);
    },
  );
});

describe('what Discord refuses', () => {
  /** Says something that is refused in the lobby. */
  async function refused(output: 'file' | 'message', fault: { status: number; code?: number }) {
    const { discord, guild } = stage;
    const member = guild.addMember({ name: 'Ruth' });
    const path = `/channels/${guild.lobby.id}/messages`;
    discord.rest.fail({ method: 'POST', path, says: 'attachments', ...fault });
    const before = guild.messages(guild.lobby).length;
    const logged = stage.bot.output.length;
    const answer = await member.runs('say', { text: 'May I?', voice: 'af_sky', output });
    const { text, buttons } = await answer.done();
    expect(stage.bot.output.slice(logged).join()).not.toMatch(/a bug|"stack"/);
    // Also no disclosure of what is not there.
    expect(guild.messages(guild.lobby)).toHaveLength(before);
    return { answer, text, labels: buttons.map(({ label }) => label), member };
  }

  test.each([
    [400, 200_000, 'AutoMod blocked it', 'Try again'],
    [400, 200_001, 'AutoMod blocked it', 'Try again'],
    [400, 240_000, 'harmful link', undefined],
    [400, 20_009, 'explicit content', undefined],
    [400, 20_016, 'slow mode', 'Try again'],
    [400, 20_028, 'Too much is being written there', 'Try again'],
    [403, 20_029, 'Too much is being written there', 'Try again'],
    [400, 50_083, 'thread is archived', 'Try again'],
    [403, 160_005, '**Manage Threads** can unlock it', 'Try again'],
    [403, 50_001, '**View Channel**', 'Try again'],
    [403, 50_013, '**Attach Files**', 'Try again'],
    [403, 400_001, 'limited uploads', undefined],
    [404, 10_003, 'has been deleted', undefined],
    [400, 50_008, 'no messages there', undefined],
    [403, 40_004, 'switched that off for a while', 'Try again'],
    [403, 40_333, 'guard of its network', 'Try again'],
    [403, undefined, 'guard of its network', 'Try again'],
    [413, 40_005, 'larger than Discord takes', undefined],
    [400, 999_999, 'its error 999999', 'Try again'],
  ])('status %d, code %s: says %s, and offers %s', async (status, code, says, offer) => {
    const { text, labels } = await refused('file', { status, ...(code && { code }) });
    expect(text).toContain(says);
    expect(labels).toEqual(offer === undefined ? [] : [offer]);
  });

  test('what is refused once is posted when it is tried again', async () => {
    const { answer } = await refused('message', { status: 400, code: 200_000 });
    const again = await (await answer.clicks('Try again')).done();
    expect(again.text).toContain('Posted as a voice message');
    const [disclosure, message] = stage.guild.messages(stage.guild.lobby).slice(-2);
    expect(disclosure?.content).toContain('AI voice');
    expect(message?.isVoiceMessage).toBe(true);
  });

  test('a voice message that is not taken there is offered as a file', async () => {
    const { answer, text } = await refused('message', { status: 403, code: 50_173 });
    expect(text).toContain('**Send Voice Messages**');
    expect((await (await answer.clicks('Post as file')).done()).text).toContain('Posted as a file');
  });

  test('a limit that is over soon is waited for, one that lasts is told at once', async () => {
    const { guild, discord, ada } = stage;
    const full = guild.addChannel('text', 'full');
    const call = { method: 'POST', path: `/channels/${full.id}/messages` };
    const posts = () => discord.rest.requests.filter(({ path }) => path === call.path);
    discord.rest.fail({ ...call, status: 429, code: 20_016, retryAfter: 600 });
    const line = { text: 'May I?', voice: 'af_sky', output: 'file' };
    const answer = await ada.runs('say', line, { channel: full });
    const { text, buttons } = await answer.done();
    expect(text).toMatch(/nothing more there for now.*<t:\d+:R>/);
    expect(buttons.map(({ label }) => label)).toEqual(['Try again']);
    // Who does not wait is told once more, and Discord is not asked.
    const again = await (await answer.clicks('Try again')).done();
    expect(again.text).toMatch(/nothing more there for now.*<t:\d+:R>/);
    expect(posts()).toHaveLength(1);
    const path = `/channels/${guild.lobby.id}/messages`;
    discord.rest.fail({ method: 'POST', path, status: 429, code: 20_028, retryAfter: 0.3 });
    const soon = await ada.runs('say', { text: 'In a moment.', output: 'file' });
    expect((await soon.done()).text).toContain('Posted as a file');
  });

  test('a limit for all calls holds back all of them', async () => {
    const { guild, discord, ada } = stage;
    const [one, two] = [guild.addChannel('text', 'one'), guild.addChannel('text', 'two')];
    const path = `/channels/${one.id}/messages`;
    discord.rest.fail({ method: 'POST', path, status: 429, retryAfter: 1.5, isGlobal: true });
    const said = { text: 'One after all.', output: 'file' };
    const first = await ada.runs('say', said, { channel: one });
    const second = await ada.runs('say', said, { channel: two });
    for (const answer of [first, second])
      expect((await answer.done()).text).toContain('Posted as a file');
  });

  test('a right that was taken while the sound was made is named', async () => {
    const { guild, discord } = stage;
    const member = guild.addMember({ name: 'Ruth' });
    const nook = guild.addChannel('text', 'nook');
    const held = discord.rest.hold({ method: 'POST', path: `/channels/${nook.id}/messages` });
    const line = { text: 'Taken from me.', voice: 'af_sky' };
    const answer = await member.runs('say', line, { channel: nook });
    await discord.world.watch.until(() => held.isReached || undefined, { what: 'the post' });
    guild.deny(nook, discord.world.bot.id, 'member', ['AttachFiles']);
    held.letGo();
    expect((await answer.done()).text).toContain(`I lack **Attach Files** in <#${nook.id}>`);
  });

  test('an interaction that takes no answer at all is no bug of ours', async () => {
    const { ada, discord, bot } = stage;
    discord.rest.fail({ method: 'POST', path: '/callback', status: 400, code: 50_083 });
    await ada.runs('help');
    const { level } = await bot.line(({ msg }) => msg === 'an interaction could not be answered');
    expect(level).toBe(40);
  });

  test('an answer that may not stand there says why', async () => {
    const { ada, discord } = stage;
    const helped = { method: 'PATCH', path: '@original', says: 'Next', status: 400, code: 50_083 };
    discord.rest.fail(helped);
    expect((await (await ada.runs('help')).done()).text).toContain('thread is archived');
  });
});

function linkTo(message: SeenMessage | undefined): string {
  const { guild } = stage;
  return `https://discord.com/channels/${guild.id}/${guild.lobby.id}/${message?.id}`;
}

describe('another process holds the database', () => {
  test('for some seconds: sound and gateway go on, what is posted is told as posted', async () => {
    const { ada, guild } = stage;
    const bo = guild.addMember({ name: 'Bo' });
    const ears = ada.joinsVoice(guild.lounge) as Listener;
    const line = await ada.runs('say', { text: READING });
    const { post, held } = await postHeld(bo);
    await expect.poll(() => ears.speech().length, { timeout: 10_000 }).toBeGreaterThan(20);
    const lock = takeLock();
    const from = performance.timeOrigin + performance.now();
    held.letGo();
    const other = await bo.runs('queue');
    expect((await other.acked()).afterMs).toBeLessThan(1_500);
    await sleep(2_500);
    lock.letGo();
    const until = performance.timeOrigin + performance.now();
    expect((await post.done()).text).toContain('Posted as a file');
    expect((await other.done()).text).toContain('Spoken and waiting');
    const during = ears.packets.filter(({ at }) => at > from && at < until);
    const gaps = during.map(({ at }, index) => at - (during[index - 1]?.at ?? at));
    expect(during.length).toBeGreaterThan(100);
    expect(Math.max(...gaps)).toBeLessThan(200);
    await (await ada.runs('stop')).done();
    expect((await line.done()).text).toContain('stopped');
    expectContiguous(ears);
    ada.leavesVoice();
  });

  test('for longer: it is told in words, and what is posted is still told as posted', async () => {
    const { ada, guild } = stage;
    const { post, held } = await postHeld(guild.addMember({ name: 'Cy' }));
    const lock = takeLock();
    const before = stage.bot.output.length;
    held.letGo();
    const refused = await ada.runs('say', { text: 'Not now.', output: 'file' });
    expect((await refused.done()).text).toContain('E_STORE_BUSY');
    expect((await post.done()).text).toContain('Posted as a file');
    lock.letGo();
    const again = await ada.runs('say', { text: 'Now.', output: 'file' });
    expect((await again.done()).text).toContain('Posted as a file');
    expect(stage.bot.output.slice(before).join()).not.toContain('"level":50');
  });
});

/** A file that is made, and on its way to Discord. */
async function postHeld(member: Member) {
  const held = stage.discord.rest.hold({
    method: 'POST',
    path: `/${stage.guild.lobby.id}/messages`,
  });
  const text = `A file of ${member.name}.`;
  const post = await member.runs('say', { text, voice: 'af_sky', output: 'file' });
  await expect.poll(() => held.isReached, { timeout: 10_000 }).toBe(true);
  return { post, held };
}

/** As an operator's shell holds the database, or a backup. */
function takeLock() {
  const other = new BetterSqlite(join(stage.bot.folder, 'myna.db'));
  other.exec('begin immediate');
  return { letGo: () => other.close() };
}

test('what may have been posted is not tried again once Discord has forgotten it', async () => {
  const { bot, discord, guild } = stage;
  const member = guild.addMember({ name: 'Lou' });
  const path = `/channels/${guild.lobby.id}/messages`;
  const lost = { status: 502, isDone: true, isUntold: true };
  const answers = [];
  for (const output of ['message', 'file']) {
    discord.rest.fail({ method: 'POST', path, says: 'attachments', ...lost }, GIVES_UP);
    answers.push(await member.runs('say', { text: 'Am I there?', voice: 'af_sky', output }));
    expect((await answers.at(-1)?.done())?.text).toContain('after that it has expired');
  }
  const before = guild.messages(guild.lobby).length;
  bot.child.kill('SIGUSR2');
  discord.world.clock.advance(600_000);
  await expect.poll(() => bot.output).toContain('it is later');
  for (const answer of answers)
    expect((await (await answer.clicks('Try again')).done()).text).toContain('E_EXPIRED_BUTTON');
  expect(guild.messages(guild.lobby)).toHaveLength(before);
});

test('a disclosure stays the only one, also where its voice message is taken much later', async () => {
  const { discord, guild } = stage;
  const member = guild.addMember({ name: 'Lou' });
  const before = guild.messages(guild.lobby).length;
  const path = `/channels/${guild.lobby.id}/messages`;
  discord.rest.fail({ method: 'POST', path, says: 'attachments', status: 500 }, GIVES_UP);
  const line = { text: 'Am I there at last?', voice: 'af_sky', output: 'message' };
  const answer = await member.runs('say', line);
  expect((await answer.done()).text).toContain('E_DISCORD_DOWN');
  discord.world.clock.advance(240_000);
  expect((await (await answer.clicks('Try again')).done()).text).toContain('Posted as a voice');
  const posted = guild.messages(guild.lobby).slice(before);
  expect(posted.map(({ isVoiceMessage }) => isVoiceMessage)).toEqual([false, true]);
});
