import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Member } from '../discord/people/member.ts';
import type { Permission } from '../discord/world/permissions.ts';
import { READING, type Stage, setStage } from './stage.ts';

const text = async (answer: ReturnType<Member['runs']>) => (await (await answer).done()).text;

describe('where and whom the rules of a server hold', () => {
  let stage: Stage;
  let admin: Member;
  let mod: Member;
  beforeAll(async () => {
    stage = await setStage();
    admin = stage.guild.addMember({ name: 'Admin', permissions: ['ManageGuild'] });
    mod = stage.guild.addMember({ name: 'Mod', permissions: ['ModerateMembers'] });
    await stage.clone(stage.ada);
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test('a rule about a channel is about where the sound lands, wherever it is typed', async () => {
    const { ada, guild, venice } = stage;
    const rule = { what: 'speak', channel: guild.lounge.id };
    await text(admin.runs('admin access', { ...rule, rule: 'deny' }));
    ada.joinsVoice(guild.lounge);
    const asked = venice.spoken().length;
    const answer = await ada.runs('say', { text: 'Am I heard there?' });
    expect((await answer.done()).text).toContain(
      `Speaking is not allowed in <#${guild.lounge.id}>.`,
    );
    expect(await text(ada.runs('join'))).toContain('E_NOT_ALLOWED');
    expect(venice.spoken()).toHaveLength(asked);
    expect((await (await answer.clicks('Post as file')).done()).text).toContain('Posted as a file');
    await text(admin.runs('admin access', { ...rule, rule: 'allow' }));
    // Typed in the lobby, which is not allowed by name: what counts is the lounge.
    expect(await text(ada.runs('say', { text: 'And now?' }))).toContain('Spoken in');
    const only = `Speaking is allowed only in <#${guild.lounge.id}>.`;
    expect(await text(ada.runs('say', { text: 'And here?', output: 'file' }))).toContain(only);
    ada.leavesVoice();
    await text(admin.runs('admin access', { what: 'speak', rule: 'clear' }));
  });

  test('an allowed channel opens no other: not the voice channel it is typed from', async () => {
    const { ada, guild, venice } = stage;
    const den = guild.addChannel('text', 'den');
    const rule = { what: 'speak', rule: 'allow' };
    await text(admin.runs('admin access', { ...rule, channel: den.id }));
    ada.joinsVoice(guild.lounge);
    const asked = venice.spoken().length;
    const refused = await ada.runs('say', { text: 'From the den?' }, { channel: den });
    const { text: words, json } = await refused.done();
    expect(words).toContain(`Speaking is allowed only in <#${den.id}>.`);
    expect(json.mentions).toHaveLength(0);
    expect(venice.spoken()).toHaveLength(asked);
    expect((await (await refused.clicks('Post as file')).done()).text).toContain('Posted as a');
    await text(admin.runs('admin access', { ...rule, channel: guild.lounge.id }));
    const live = await ada.runs('say', { text: 'From the den!' }, { channel: den });
    expect((await live.done()).text).toContain('Spoken in');
    // While it is heard, too.
    const ears = ada.joinsVoice(guild.lounge);
    const long = await ada.runs('say', { text: READING }, { channel: den });
    await ears?.until(({ packets }) => packets.length > 5);
    await text(admin.runs('admin access', { ...rule, rule: 'clear', channel: guild.lounge.id }));
    const cut = await long.done();
    expect(cut.text).toContain('no longer allowed. Speaking is allowed only in');
    ada.leavesVoice();
    await text(admin.runs('admin access', { ...rule, rule: 'clear' }));
  });

  test('a rule needs a role or a channel, and moderators are named by role', async () => {
    const { guild } = stage;
    const whom = { channel: guild.lobby.id };
    for (const options of [whom, { what: 'speak' }, { ...whom, rule: 'deny' }])
      expect(await text(admin.runs('admin access', options))).toContain('E_ACCESS_SUBJECT');
    expect(await text(admin.runs('admin access', { what: 'speak', rule: 'deny' }))).toContain(
      'fill in `role`, `channel` or both',
    );
    const options = { what: 'moderate', rule: 'allow', channel: guild.lobby.id };
    expect(await text(admin.runs('admin access', options))).toContain('named by `role`');
  });

  test('nobody blocks themselves, a bot or whoever manages the server', async () => {
    const { discord } = stage;
    const block = (user: string) => text(mod.runs('mod block', { user }));
    expect(await block(mod.id)).toContain('cannot block yourself');
    expect(await block(discord.world.bot.id)).toContain('Bots cannot use me');
    expect(await block(admin.id)).toContain('Manage Server');
    expect(await text(admin.runs('admin status'))).toContain('Speaking');
  });

  test('a bot that is muted by the server says so, and offers a file, before it spends', async () => {
    const { ada, guild, discord, venice } = stage;
    const ears = ada.joinsVoice(guild.lounge);
    const cut = await ada.runs('say', { text: READING });
    await ears?.until(({ packets }) => packets.length > 5);
    discord.mutesBot(guild.id, true);
    expect((await cut.done()).text).toContain('muted me in voice');
    const asked = venice.spoken().length;
    const answer = await ada.runs('say', { text: 'Does anybody hear me?' });
    expect((await answer.done()).text).toContain('E_BOT_MUTED');
    expect(venice.spoken()).toHaveLength(asked);
    expect((await (await answer.clicks('Post as file')).done()).text).toContain('Posted as a file');
    // A mute goes with the bot and is lifted where it is: it must be able to come.
    await text(ada.runs('leave'));
    const before = venice.spoken().length;
    expect(await text(ada.runs('say', { text: 'And now?' }))).toContain('E_BOT_MUTED');
    expect(venice.spoken()).toHaveLength(before);
    expect(await text(ada.runs('join'))).toContain('E_BOT_MUTED');
    discord.mutesBot(guild.id, false);
    expect(await text(ada.runs('say', { text: 'And now?' }))).toContain('Spoken in');
    ada.leavesVoice();
  });

  test('/say format: with an output that makes no file is refused, with both ways out', async () => {
    const { guild, venice } = stage;
    const kit = guild.addMember({ name: 'Kit' });
    const before = venice.spoken().length;
    const said = { text: 'A file or none?', format: 'flac', voice: 'af_sky' };
    const answer = await kit.runs('say', { ...said, output: 'message' });
    expect((await answer.done()).text).toContain('`output: message` makes none');
    expect((await (await kit.runs('say', { ...said, output: 'voice' })).done()).text).toContain(
      '`output: voice` makes none',
    );
    expect(venice.spoken()).toHaveLength(before);
    expect((await (await answer.clicks('Post as voice message')).done()).text).toContain('Posted');
    expect(guild.messages(guild.lobby).at(-1)?.isVoiceMessage).toBe(true);
    const asAuto = await kit.runs('say', { ...said, output: 'auto' });
    expect((await asAuto.done()).text).toContain('Posted as a file');
    expect(guild.messages(guild.lobby).at(-1)?.attachments[0]?.filename).toMatch(/\.flac$/);
  });

  test('a text that is too long is given back, and its first part can be spoken', async () => {
    const { venice } = stage;
    const ben = stage.guild.addMember({ name: 'Ben' });
    const sentence = 'A sentence of forty-one characters, as is.';
    const text = `${`${sentence} `.repeat(13)}||Not this. Nor this.|| And here the rest begins, which is longer than it may be.`;
    const answer = await ben.runs('say', { text, voice: 'af_sky' });
    const refusal = await answer.done();
    expect(refusal.text).toContain('E_TEXT_LONG');
    expect(refusal.text).toContain('ends before `And here the rest begins, which');
    expect(refusal.text).toContain(text);
    const spoken = await (await answer.clicks('Speak the first part')).done();
    expect(spoken.text).toContain('Posted as a file');
    const heard = String(venice.spoken().at(-1)?.json?.['input']);
    expect(heard.endsWith(sentence)).toBe(true);
    expect(venice.spoken().some(({ json }) => String(json?.['input']).includes('this'))).toBe(
      false,
    );
    // What holds the rest still stands.
    expect(answer.history().at(-1)?.message.text).toContain(text);
    const long = `Code: \`\`\`js\n${'word '.repeat(500)}\`\`\``;
    const given = await (await ben.runs('say', { text: long, voice: 'af_sky' })).done();
    const [file] = given.attachments;
    expect(file?.filename).toBe('your-text.txt');
    expect(Buffer.from(file?.bytes ?? []).toString()).toBe(long);
  });

  test('slow mode lets one of several lines through that come at once', async () => {
    const { guild } = stage;
    const slow = guild.addChannel('text', 'slow', { slowModeSeconds: 60 });
    const bob = guild.addMember({ name: 'Bob' });
    const say = () =>
      text(bob.runs('say', { text: 'Me first', voice: 'af_sky' }, { channel: slow }));
    const answers = await Promise.all([say(), say(), say()]);
    expect(answers.filter((answer) => answer.includes('Posted'))).toHaveLength(1);
    expect(answers.filter((answer) => answer.includes('slow mode'))).toHaveLength(2);
    expect(guild.messages(slow)).toHaveLength(1);
  });

  test('who may bypass slow mode is not slowed; who manages messages is', async () => {
    const { guild } = stage;
    const slow = guild.addChannel('text', 'slow too', { slowModeSeconds: 60 });
    const posts = async (permission: Permission) => {
      const member = guild.addMember({ name: permission, permissions: [permission] });
      const say = () =>
        text(member.runs('say', { text: 'Me again', voice: 'af_sky' }, { channel: slow }));
      await say();
      return (await say()).includes('Posted');
    };
    expect(await posts('BypassSlowmode')).toBe(true);
    expect(await posts('ManageMessages')).toBe(false);
  });

  test('a thread the bot has never seen has the rules of its channel, and its own slow mode', async () => {
    const { guild } = stage;
    const eli = guild.addMember({ name: 'Eli' });
    const thread = guild.addOldThread('old', guild.lobby, { slowModeSeconds: 60 });
    const say = () =>
      text(eli.runs('say', { text: 'Down here', voice: 'af_sky' }, { channel: thread }));
    const rule = { what: 'speak', channel: guild.lobby.id };
    await text(admin.runs('admin access', { ...rule, rule: 'deny' }));
    expect(await say()).toContain(`not allowed in <#${guild.lobby.id}>`);
    await text(admin.runs('admin access', { ...rule, rule: 'clear' }));
    expect(await say()).toContain('Posted');
    expect(await say()).toContain('slow mode');
  });

  test('a private thread the bot is not in: nothing can be posted there, all else works', async () => {
    const { guild, discord, venice } = stage;
    const kim = guild.addMember({ name: 'Kim' });
    const channel = guild.addPrivateThread('whispers', guild.lobby, [kim]);
    const sample = discord.attach(stage.recording('kim'), 'me.wav');
    const clone = () => kim.runs('clone', { sample }, { channel });
    const rule = { what: 'clone', channel: guild.lobby.id };
    await text(admin.runs('admin access', { ...rule, rule: 'deny' }));
    expect(await text(clone())).toContain(`not allowed in <#${guild.lobby.id}>`);
    await text(admin.runs('admin access', { ...rule, rule: 'clear' }));
    const card = await clone();
    await card.done();
    const ready = await card.clicks('I agree');
    await ready.until(({ text: shown }) => shown.includes('Your voice is ready'));
    expect((await (await ready.clicks('Hear it')).done()).attachments).toHaveLength(1);

    kim.joinsVoice(guild.lounge);
    const say = (options: object) => kim.runs('say', { text: 'In here.', ...options }, { channel });
    expect(await text(say({ output: 'voice' }))).toContain('Spoken in');
    expect(await text(kim.runs('skip', {}, { channel }))).toContain('E_NOTHING_TO_SKIP');
    expect(await text(kim.runs('stop', {}, { channel }))).toContain('E_NOTHING_TO_SKIP');
    expect(await text(kim.runs('queue', {}, { channel }))).toContain('Nothing');
    expect(await text(kim.runs('leave', {}, { channel }))).toContain('I have left');
    kim.leavesVoice();

    const spoken = venice.spoken().length;
    const refused = await say({ output: 'file', speed: 2 });
    const { text: shown, buttons } = await refused.done();
    expect(shown).toContain(`Mention me there (<@${discord.world.bot.id}>)`);
    expect(buttons.map(({ label }) => label)).toEqual(['Try again']);
    expect(venice.spoken()).toHaveLength(spoken);
    kim.writes(channel, `<@${discord.world.bot.id}> come in`);
    expect((await (await refused.clicks('Try again')).done()).text).toContain('Posted as a file');
  });

  test('a line that finds no place in voice is none of the lines a minute', async () => {
    const { ada, guild } = stage;
    const [ivy, jan] = [guild.addMember({ name: 'Ivy' }), guild.addMember({ name: 'Jan' })];
    const say = (member: Member) => member.runs('say', { text: READING, voice: 'af_sky' });
    ada.joinsVoice(guild.lounge);
    const ears = ivy.joinsVoice(guild.lounge);
    await text(admin.runs('admin limits', { lines_per_minute: 3, waiting: 1 }));
    const current = await say(ivy);
    await ears?.until(({ packets }) => packets.length > 5);
    const waiting = await say(ivy);
    await waiting.until(({ text: shown }) => shown.includes('1 before you'));
    for (let time = 0; time < 3; time += 1) expect(await text(say(ivy))).toContain('E_QUEUE_FULL');
    expect(await text(ivy.runs('stop'))).toBe('Stopped 2 lines.');
    for (const line of [current, waiting])
      await line.until(({ text: shown }) => shown.includes('stopped'));
    await text(admin.runs('admin limits', { lines_per_minute: 1 }));
    jan.joinsVoice(guild.addChannel('voice', 'Side'));
    const answer = await say(jan);
    expect((await answer.done()).text).toContain('E_BUSY_ELSEWHERE');
    expect((await (await answer.clicks('Post as file')).done()).text).toContain('Posted as a file');
    await text(admin.runs('admin limits', { lines_per_minute: 20, waiting: 5 }));
    await text(mod.runs('leave'));
    for (const member of [ada, ivy, jan]) member.leavesVoice();
  });

  test('who loses the right to speak in mid-line is cut, and it counts as heard', async () => {
    const { guild } = stage;
    const fay = guild.addMember({ name: 'Fay' });
    await stage.clone(fay);
    const den = guild.addChannel('voice', 'Den');
    const ears = fay.joinsVoice(den);
    const answer = await fay.runs('say', { text: READING });
    await ears?.until(({ packets }) => packets.length > 5);
    guild.deny(den, fay.id, 'member', ['Speak']);
    expect((await answer.done()).text).toContain('you may no longer speak in that channel');
    expect(await text(mod.runs('mod voices'))).toContain(`\`Fay\` of <@${fay.id}>: 1 line`);
    fay.leavesVoice();
  });

  test('what is taken back before its turn was never heard', async () => {
    const { guild } = stage;
    const [gus, hal] = [guild.addMember({ name: 'Gus' }), guild.addMember({ name: 'Hal' })];
    await stage.clone(hal);
    const ears = gus.joinsVoice(guild.lounge);
    hal.joinsVoice(guild.lounge);
    const first = await gus.runs('say', { text: READING, voice: 'af_sky' });
    await ears?.until(({ packets }) => packets.length > 5);
    const second = await hal.runs('say', { text: READING });
    await second.until(({ text: shown }) => shown.includes('1 before you'));
    expect(await text(hal.runs('stop'))).toContain('Stopped one line');
    await second.until(({ text: shown }) => shown === 'Your line was stopped.');
    expect(await text(mod.runs('skip'))).toContain('Skipped');
    expect((await first.done()).text).toBe('Your line was skipped by a moderator.');
    expect(await text(mod.runs('mod voices'))).not.toContain('`Hal`');
    for (const member of [gus, hal]) member.leavesVoice();
  });

  test('a moderator who is blocked does not lift the block, and deleting does not either', async () => {
    const other = stage.guild.addMember({ name: 'Mod 2', permissions: ['ModerateMembers'] });
    await text(mod.runs('mod block', { user: other.id }));
    expect(await text(other.runs('mod unblock', { user: other.id }))).toContain('E_NEEDS_RIGHT');
    const deleting = await other.runs('privacy delete');
    expect((await deleting.done()).text).toContain('stays until they lift it');
    await text(mod.runs('mod unblock', { user: other.id }));
  });

  test('moderators still see what a voice did after it was deleted', async () => {
    const cleo = stage.guild.addMember({ name: 'Cleo' });
    await stage.clone(cleo);
    await text(cleo.runs('say', { text: 'Something to remember me by.' }));
    expect(await text(mod.runs('mod voices'))).toContain(`\`Cleo\` of <@${cleo.id}>: 1 line`);
    const card = await cleo.runs('voices delete', { voice: 'Cleo' });
    await card.done();
    await (await card.clicks('Delete it')).done();
    const seen = await text(mod.runs('mod voices'));
    expect(seen).toContain(`a voice deleted or replaced since of <@${cleo.id}>: 1 line`);
    const everything = await cleo.runs('privacy delete');
    await everything.done();
    await (await everything.clicks('Delete everything')).done();
    expect(await text(mod.runs('mod voices'))).toContain('a member who deleted everything');
    expect(await text(cleo.runs('privacy delete'))).toContain('Nothing of yours is kept here');
  });

  test('a voice cannot take the name of a stock voice', async () => {
    const { ada, guild, discord } = stage;
    const sample = discord.attach(stage.recording(), 'me.wav');
    for (const name of ['sky (american, FEMALE)', 'af_sky'])
      expect(await text(ada.runs('clone', { sample, name }))).toContain('A stock voice is called');
    const sky = guild.addMember({ name: 'Sky (American, female)' });
    await stage.clone(sky);
    expect(await text(sky.runs('voices list'))).toContain('`Sky (American, female) 2`');
    const choices = await sky.completes('say', 'voice', 'sky');
    expect(new Set(choices.map(({ value }) => value)).size).toBe(choices.length);
  });

  test('limits: what a new server has is shown, and 0 says that it is 0', async () => {
    const { ada } = stage;
    expect(await text(admin.runs('admin limits'))).toContain('$0.50 as a new server until <t:');
    await text(admin.runs('admin limits', { budget_per_day: 0 }));
    expect(await text(ada.runs('say', { text: 'For nothing?' }))).toContain('has a budget of 0');
    await text(admin.runs('admin limits', { budget_per_day: 1, characters_per_day: 0 }));
    expect(await text(ada.runs('say', { text: 'For nothing?' }))).toContain('a day is 0');
    await text(admin.runs('admin limits', { characters_per_day: 10_000, lines_per_minute: 1 }));
    const dan = stage.guild.addMember({ name: 'Dan' });
    const say = () => text(dan.runs('say', { text: 'Once a minute.', voice: 'af_sky' }));
    expect(await say()).toContain('Posted');
    expect(await say()).toContain('E_RATE');
  });

  test('/help tells what is true for this member now, the next step first', async () => {
    const { guild } = stage;
    const lea = guild.addMember({ name: 'Lea' });
    const help = (member = lea) => text(member.runs('help'));
    expect(await help()).toMatch(
      /^[^\n]*\n\*\*Next:\*\* `\/clone` [^\n]* stock voice\.\nYour voice/,
    );
    expect(await help()).not.toContain('For moderators');
    expect(await help(mod)).toContain('For moderators');
    expect(await text(lea.dm.runs('help'))).not.toContain('/say');
    const young = guild.addMember({ name: 'Young', accountAgeMs: 86_400_000 });
    expect(await help(young)).toMatch(
      /\*\*You have no voice yet\.\*\* Your Discord account is too new/,
    );
    await stage.clone(lea);
    expect(await text(lea.dm.runs('help'))).toContain('go to a server that has me');
    expect(await help()).toMatch(
      /type `\/say`\. It becomes a file in this channel, spoken as `Lea`/,
    );
    lea.joinsVoice(guild.lounge);
    expect(await help()).toContain(`You are heard in <#${guild.lounge.id}> as \`Lea\``);
    const muted = { what: 'speak', channel: guild.lounge.id };
    await text(admin.runs('admin access', { ...muted, rule: 'deny' }));
    const barred = await help();
    expect(barred).toContain(`Speaking is not allowed in <#${guild.lounge.id}>`);
    expect(barred).toContain('`/say` with `output: file` works here');
    await text(admin.runs('admin access', { what: 'speak', rule: 'clear' }));
    lea.leavesVoice();
    await text(admin.runs('admin limits', { budget_per_day: 0 }));
    expect(await help()).toMatch(/cannot be heard now\.\*\* This server has a budget of 0/);
    await text(admin.runs('admin limits', { budget_per_day: 0.4 }));
    guild.deny(guild.lobby, lea.id, 'member', ['AttachFiles']);
    expect(await help()).toMatch(/cannot be heard now\.\*\* You lack \*\*Attach Files\*\*/);
    await text(mod.runs('mod block', { user: lea.id, days: 1 }));
    const blocked = await help();
    expect(blocked).toMatch(/has blocked you .*, until <t:\d+:f>/);
    expect(blocked).not.toContain('`/say` speaks');
    await text(mod.runs('mod unblock', { user: lea.id }));
    await text(mod.runs('mod off'));
    expect(await help()).toContain('Speaking is switched off in this server');
    await text(mod.runs('mod on'));
  });
});

describe('a bot that serves one server', () => {
  test('serves its members in direct messages too, nobody else, and lets all delete what is theirs', async () => {
    await using stage = await setStage();
    const { discord, guild, ada, venice } = stage;
    const elsewhere = discord.addGuild('Elsewhere');
    const eve = elsewhere.addMember({ name: 'Eve' });
    await stage.clone(eve);
    await stage.restart({ ALLOWED_GUILDS: `${guild.id},123456789012345678` });
    expect(stage.bot.output.join()).toContain('ALLOWED_GUILDS names servers this bot is not in');
    const asked = venice.requests.length;
    const sample = discord.attach(stage.recording(), 'me.wav');
    expect(await text(eve.runs('say', { text: 'Hi' }))).toContain('not on the list');
    expect(await text(eve.dm.runs('clone', { sample }))).toContain('none of the servers');
    const card = await eve.dm.runs('voices show', { voice: 'Eve' });
    await card.done();
    expect((await (await card.clicks('Hear it')).done()).text).toContain('none of the servers');
    expect(venice.requests).toHaveLength(asked);
    const deleting = await eve.runs('privacy delete');
    await deleting.done();
    expect((await (await deleting.clicks('Delete everything')).done()).text).toContain('Deleted');
    expect(await text(ada.dm.runs('clone', { sample }))).toContain('Before your voice');
    expect(await text(ada.dm.runs('help'))).not.toContain('/say');
  });
});
