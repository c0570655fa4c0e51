import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Member } from '../discord/people/member.ts';
import type { Discord } from '../discord/server.ts';
import { READING, type Stage, setStage } from './stage.ts';

describe('/admin and /mod', () => {
  let stage: Stage;
  let admin: Member;
  let mod: Member;
  beforeAll(async () => {
    // Odd amounts, so that they are seen wherever they are told.
    const env = { BUDGET_USD_PER_DAY: '7.31', BUDGET_USD_PER_MONTH: '41.17' };
    stage = await setStage({ env });
    admin = stage.guild.addMember({ name: 'Admin', permissions: ['ManageGuild'] });
    mod = stage.guild.addMember({ name: 'Mod', permissions: ['ModerateMembers'] });
    await stage.clone(stage.ada);
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const run = async (member: Member, command: string, options = {}) =>
    (await (await member.runs(command, options)).done()).text;
  const say = (member: Member, text = 'Hello there, everybody.') =>
    run(member, 'say', { text, voice: 'af_sky' });

  test('their right is checked at run time', async () => {
    expect(await run(stage.ada, 'admin status')).toContain('E_NEEDS_RIGHT');
    expect(await run(mod, 'admin status')).toContain('E_NEEDS_RIGHT');
    expect(await run(stage.ada, 'mod off')).toContain('E_NEEDS_RIGHT');
  });

  test('/admin status shows limits, sessions, spend, models and the provider', async () => {
    await run(stage.ada, 'say', { text: 'This costs something.' });
    const text = await run(admin, 'admin status');
    expect(text).toMatch(/today \$0\.\d+ for 1 line/);
    expect(text).toContain('ready · clones with');
    expect(text).toContain('tts-chatterbox-hd');
    expect(text).toContain('not in a voice channel');
    expect(text).toContain('`text`: 600');
  });

  test('/admin limits shows, sets and bounds them', async () => {
    expect(await run(admin, 'admin limits')).toContain('`characters_per_day`: 10000');
    expect(await run(admin, 'admin limits', { text: 1000, budget_per_day: 0.75 })).toMatch(
      /`text`: 1000[\s\S]*\$0\.75/,
    );
    expect(await say(stage.ada, 'word '.repeat(150))).toContain('Posted');
    expect(await run(admin, 'admin limits', { text: 5000 })).toContain('E_OPT_RANGE');
    const refused = await run(admin, 'admin limits', { text: 5000 });
    expect(refused).toContain("More does not fit into a field of Discord's");
    expect(await run(admin, 'admin limits', { waiting: 21 })).toContain('That bound is my own');
    expect(await run(admin, 'admin limits', { reset: 'text', waiting: 9 })).toMatch(
      /`text`: 600[\s\S]*`waiting`: 9 [\s\S]*\$0\.75/,
    );
    expect(await run(admin, 'admin limits', { reset: 'waiting', waiting: 7 })).toContain(
      '`waiting` is both given and set back',
    );
    expect(await run(admin, 'admin limits')).toContain('`waiting`: 9 ');
    for (const reset of ['waiting', 'budget_per_day', 'lines_per_minute', 'characters_per_day'])
      expect(await run(admin, 'admin limits', { reset })).toContain(`\`${reset}\``);
    const limits = await run(admin, 'admin limits');
    expect(limits).toMatch(
      /`waiting`: 5 [\s\S]*none of its own; whoever runs this bot gives it \$1/,
    );
  });

  test('an admin learns nothing of how much the whole bot has, not from what is refused either', async () => {
    for (const budget_per_day of [1.01, 7.3, 7.32, 100])
      expect(await run(admin, 'admin limits', { budget_per_day })).toContain(
        'between 0 and 1. Whoever runs this bot gives this server no more',
      );
    const tooMuch = await run(admin, 'admin limits', { budget_per_month: 32 });
    expect(tooMuch).toContain('between 0 and 31. Whoever runs this bot');
  });

  test('/privacy delete gives no fresh day, nor a way around slow mode', async () => {
    const { guild } = stage;
    const pat = guild.addMember({ name: 'Pat' });
    const forget = async () => {
      const asked = await pat.runs('privacy delete');
      await asked.done();
      await (await asked.clicks('Delete everything')).done();
    };
    await run(admin, 'admin limits', { characters_per_day: 40 });
    expect(await say(pat, 'Thirty characters are said now')).toContain('Posted');
    await forget();
    expect(await say(pat, 'And thirty more come after it.')).toContain('E_CHARACTERS');
    await run(admin, 'admin limits', { characters_per_day: 10_000 });
    const slow = guild.addChannel('text', 'slow', { slowModeSeconds: 600 });
    const post = async () => {
      const options = { text: 'Slowly.', voice: 'af_sky' };
      return (await (await pat.runs('say', options, { channel: slow })).done()).text;
    };
    expect(await post()).toContain('Posted');
    await forget();
    expect(await post()).toContain('This channel has slow mode on');
  });

  test('/admin usage counts lines, characters and money', async () => {
    expect(await run(admin, 'admin usage', { period: 'month' })).toMatch(
      /lines\s+\d+[\s\S]*spent\s+\$/,
    );
  });

  test('/admin access: deny beats allow, an allow leaves out the others, each answer says what holds', async () => {
    const { guild, ada } = stage;
    const access = (options = {}) => run(admin, 'admin access', options);
    const choir = guild.addRole('Choir');
    const kim = guild.addMember({ name: 'Kim', roles: [choir] });
    const open = 'for every member; in every channel.';
    expect(await access()).toContain(`**Cloning**: ${open}\n**Speaking**: ${open}`);
    const choirOnly = `**Speaking**: only for members with <@&${choir.id}>; in every channel.`;
    expect(await access({ what: 'speak', rule: 'allow', role: choir.id })).toContain(choirOnly);
    expect(await say(ada)).toContain(`Speaking is only for members with <@&${choir.id}>`);
    expect(await say(kim)).toContain('Posted');
    expect(await access({ what: 'speak', rule: 'clear' })).toContain(`**Speaking**: ${open}`);
    const here = { what: 'speak', channel: guild.lobby.id };
    expect(await access({ ...here, rule: 'deny' })).toContain(
      `**Speaking**: for every member; in every channel, but not in <#${guild.lobby.id}>.`,
    );
    expect(await say(kim)).toContain('E_NOT_ALLOWED');
    await access({ ...here, rule: 'clear' });
    expect(await access({ ...here, rule: 'clear' })).toContain('There was no such rule');
    expect(await say(kim)).toContain('Posted');
    await access({ what: 'clone', rule: 'deny', role: guild.id });
    expect(
      await run(ada, 'clone', { sample: stage.discord.attach(new Uint8Array(9), 'me.wav') }),
    ).toContain('Cloning is not allowed to members with @everyone');
    await access({ what: 'clone', rule: 'clear' });
    expect(await access({ what: 'moderate', rule: 'allow', role: choir.id })).toContain(
      `Timeout Members, and for members with <@&${choir.id}>.`,
    );
    expect(await run(kim, 'mod voices')).toContain('`Ada`');
  });

  test('/admin access says as many rules as Discord takes', async () => {
    const { guild, bot } = stage;
    const sqlite = new BetterSqlite(join(bot.folder, 'myna.db'));
    const insert = sqlite.prepare("insert into access_rule values (?, 'speak', 'deny', 'role', ?)");
    for (let role = 0; role < 200; role += 1) insert.run(guild.id, `${10n ** 18n + BigInt(role)}`);
    sqlite.close();
    expect(await run(admin, 'admin access')).toMatch(/, and 150 more; in every channel\./);
    expect(await run(admin, 'admin access', { what: 'speak', rule: 'clear' })).toContain('Done');
  });

  test('/mod off stops what is spoken, at once, until /mod on', async () => {
    const { ada, guild } = stage;
    const ears = ada.joinsVoice(guild.lounge);
    const answer = await ada.runs('say', { text: READING });
    await ears?.until(({ packets }) => packets.length > 5);
    expect(await run(mod, 'mod off')).toContain('Speaking in this server is off');
    expect((await answer.done()).text).toContain('switched speaking off');
    expect(await run(ada, 'say', { text: 'May I?' })).toContain('E_OFF');
    expect(await run(mod, 'mod on')).toContain('on again');
    ada.leavesVoice();
    expect(await say(ada)).toContain('Posted');
  });

  test('/mod block cuts a member off in the middle of a line, /mod unblock lets them back', async () => {
    const { ada, guild } = stage;
    const ears = ada.joinsVoice(guild.lounge);
    const answer = await ada.runs('say', { text: READING });
    await ears?.until(({ packets }) => packets.length > 5);
    await run(mod, 'mod block', { user: ada.id, reason: 'loud', days: 3 });
    expect((await answer.done()).text).toMatch(/has just blocked you .*, until <t:\d+:f>/);
    ada.leavesVoice();
    expect(await say(ada)).toMatch(/has blocked you .*, until <t:\d+:f>[\s\S]*E_NOT_ALLOWED/);
    const again = await run(mod, 'mod block', { user: ada.id });
    expect(again).toMatch(/until <t:(\d+):\w>\..* already, until <t:\1:/);
    expect(await run(mod, 'mod blocks')).toContain('loud');
    expect(await run(ada, 'privacy policy')).toContain('How to undo it');
    expect(await run(ada, 'privacy policy')).toMatch(/kept here.*in a stock voice.*than 256 MB/);
    expect(await run(ada, 'privacy policy')).toMatch(/outlives a deletion[\s\S]*a keyed hash/);
    await run(mod, 'mod unblock', { user: ada.id });
    expect(await say(ada)).toContain('Posted');
  });

  test('/mod blocks lists who, why, by whom and until when, in pages that Discord takes', async () => {
    const { ada, guild, bot } = stage;
    expect(await run(mod, 'mod blocks')).toContain('Nobody is blocked');
    expect(await run(ada, 'mod blocks')).toContain('E_NEEDS_RIGHT');
    const sqlite = new BetterSqlite(join(bot.folder, 'myna.db'));
    const insert = sqlite.prepare(
      'insert into block (guild_id, user_id, reason, until, at) values (?, ?, ?, ?, ?)',
    );
    const [reason, now] = ['`*_x'.repeat(50), Date.now()];
    for (let at = 1; at <= 12; at += 1)
      insert.run(guild.id, `${10n ** 18n + BigInt(at)}`, reason, null, at);
    insert.run(guild.id, '5', 'over', now - 1, now);
    sqlite.close();
    await run(mod, 'mod block', { user: ada.id, reason: 'too `loud`', days: 3 });
    const answer = await mod.runs('mod blocks');
    const first = (await answer.done()).text;
    expect(first).toContain('Blocked here: 13, page 1 of 2');
    const until = String.raw`until <t:\d+:f>`;
    expect(first).toMatch(
      new RegExp(`^- <@${ada.id}> ${until}: \`too 'loud'\`, by <@${mod.id}>$`, 'm'),
    );
    expect(first).toContain('until `/mod unblock`');
    const older = await answer.clicks('Older');
    const second = (await older.done()).text;
    expect(second).toContain('by a moderator not known any more');
    expect(`${first}\n${second}`.match(/^- <@\d+>/gm)).toHaveLength(13);
    expect((await (await older.clicks('Newer')).done()).text).toContain('page 1 of 2');
    await run(mod, 'mod unblock', { user: ada.id });
  });

  test('a voice that is deleted stops in the middle of its line', async () => {
    const { guild } = stage;
    const zoe = guild.addMember({ name: 'Zoe' });
    await stage.clone(zoe);
    const ears = zoe.joinsVoice(guild.lounge);
    const answer = await zoe.runs('say', { text: READING });
    await ears?.until(({ packets }) => packets.length > 5);
    const deleting = await zoe.runs('privacy delete');
    await deleting.done();
    await (await deleting.clicks('Delete everything')).done();
    expect((await answer.done()).text).toContain('you have deleted everything');
    zoe.leavesVoice();
  });
});

describe('what is for the operator alone', () => {
  test('the balance, what the whole bot has and spends: they see it anywhere, nobody else does', async () => {
    const env = { BUDGET_USD_PER_DAY: '0.0731', BUDGET_USD_PER_MONTH: '41.17' };
    await using stage = await setStage({ env });
    const { ada, guild, discord } = stage;
    const run = async (member: Member, command: string, options = {}) =>
      (await (await member.runs(command, options)).done()).text;
    const admin = guild.addMember({ name: 'Admin', permissions: ['ManageGuild'] });
    // Elsewhere money is spent, so that the bot's sum is not this server's.
    const elsewhere = discord.addGuild('Elsewhere');
    const eve = elsewhere.addMember({ name: 'Eve' });
    await stage.clone(eve);
    await stage.clone(ada);
    await run(eve, 'say', { text: 'Spoken elsewhere, for some money.' });
    await run(ada, 'say', { text: 'This costs something.' });
    const { owner } = discord.world.application;
    const boss = guild.addMember({ name: 'Boss', user: owner, permissions: ['ManageGuild'] });
    const status = await run(boss, 'admin status');
    expect(status).toContain('ready, $12.50 left');
    const [, total = ''] = /the whole bot: today (\$[\d.]+) of \$0\.0731/.exec(status) ?? [];
    expect(await run(boss, 'admin limits')).toContain('the whole bot has $41.17');
    expect(total).not.toBe('');

    await run(admin, 'admin status');
    await run(admin, 'admin limits');
    await run(admin, 'admin limits', { budget_per_day: 0.08, budget_per_month: 42 });
    await run(admin, 'admin limits', { budget_per_day: 5, budget_per_month: 10 });
    for (const period of ['day', 'week', 'month']) await run(admin, 'admin usage', { period });
    for (const command of ['help', 'privacy policy', 'voices list']) await run(admin, command);
    await run(admin, 'admin access');
    // One line that is more than all the bot may spend, and those that use it up.
    const limit = 'Whoever runs this bot has set a limit';
    await run(admin, 'admin limits', { text: 4000 });
    expect(await run(ada, 'say', { text: 'word '.repeat(400) })).toContain(limit);
    let last = '';
    for (let line = 0; line < 8 && !last.includes('E_BUDGET'); line += 1)
      last = await run(ada, 'say', { text: `${'word '.repeat(90)}${line}` });
    expect(last).toContain(`${limit} on what it may spend in a day, and too little is left`);
    const figures = ['12.5', '0.0731', '41.17', total, 'the whole bot'];
    expect(figures.filter((figure) => toldToOthers(discord, owner.id).includes(figure))).toEqual(
      [],
    );

    const [late, invited] = ['Late', 'Invited'].map((name) =>
      guild.addMember({ name, permissions: ['ManageGuild'] }),
    );
    if (!late || !invited) throw new Error('Nobody came');
    discord.world.application.team = {
      owner: admin.user,
      members: [admin.user, late.user],
      invited: [invited.user],
    };
    await stage.restart();
    for (const member of [admin, late])
      expect(await run(member, 'admin status')).toContain('the whole bot');
    for (const member of [boss, invited])
      expect(await run(member, 'admin status')).not.toContain('the whole bot');
  });
});

/** All that anybody but the operator could read so far, in each of its versions. */
function toldToOthers({ world }: Discord, operatorId: string): string {
  const answers = [...world.interactions.values()]
    .filter(({ user }) => user.id !== operatorId)
    .flatMap(({ original, followUps }) => [...(original ? [original] : []), ...followUps]);
  const posts = [...world.channels.values()]
    .filter(({ recipientId }) => recipientId !== operatorId)
    .flatMap(({ messages }) => [...messages.values()])
    .filter(({ ephemeralTo }) => ephemeralTo === undefined);
  return [...answers, ...posts]
    .flatMap(({ versions }) => versions)
    .map(({ json: { content, embeds, components } }) => {
      return JSON.stringify({ content, embeds, components });
    })
    .join('\n');
}

describe('money and limits', () => {
  test('the eleventh line at once is refused, with a time', async () => {
    await using stage = await setStage();
    const options = { text: 'Again and again.', voice: 'af_sky' };
    const sent = Array.from({ length: 12 }, () => stage.ada.runs('say', options));
    const answers = await Promise.all(sent);
    const texts = await Promise.all(answers.map(async (answer) => (await answer.done()).text));
    expect(texts.filter((text) => text.includes('Posted'))).toHaveLength(10);
    expect(texts.filter((text) => text.includes('E_RATE'))).toHaveLength(2);
  });

  test('no line is spoken past the budget of the bot, whatever happens at once', async () => {
    // 40 characters at $50 a million are $0.002 each: five lines fit into a cent.
    await using stage = await setStage({ env: { BUDGET_USD_PER_DAY: '0.01' } });
    const { guild, venice } = stage;
    const members = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        const member = guild.addMember({ name: `M${index}` });
        await stage.clone(member);
        return member;
      }),
    );
    const text = 'Exactly forty characters in this line, I.'.slice(0, 40);
    const answers = await Promise.all(members.map((member) => member.runs('say', { text })));
    const texts = await Promise.all(answers.map(async (answer) => (await answer.done()).text));
    expect(texts.filter((one) => one.includes('Posted'))).toHaveLength(5);
    expect(texts.filter((one) => one.includes('E_BUDGET'))).toHaveLength(3);
    expect(venice.spoken()).toHaveLength(5);
  });

  test('a budget of zero speaks nothing, and a new server has its first day', async () => {
    await using stage = await setStage({ env: { BUDGET_USD_PER_DAY: '0' } });
    const answer = await stage.ada.runs('say', { text: 'Anything?', voice: 'af_sky' });
    expect((await answer.done()).text).toContain('E_BUDGET');
    expect(stage.bot.output.join()).toContain('A budget of 0 is set');
  });

  test('a failure that was not charged gives the money back', async () => {
    await using stage = await setStage({ env: { BUDGET_USD_PER_DAY: '0.0001' } });
    stage.venice.faults.add('/audio/speech', { kind: 'status', status: 422 });
    const say = async (text: string) =>
      (await (await stage.ada.runs('say', { text, voice: 'af_sky' })).done()).text;
    expect(await say('Twenty characters, ok')).toContain('E_PROVIDER_REJECTED');
    expect(await say('Twenty characters, ok')).toContain('Posted');
    expect(await say('Another twenty of them')).toContain('E_BUDGET');
    // What was spoken before costs nothing.
    expect(await say('Twenty characters, ok')).toContain('Posted');
  });
});
