import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Member } from '../discord/people/member.ts';
import { expectContiguous } from '../discord/voice/expect-contiguous.ts';
import type { Listener } from '../discord/voice/listener.ts';
import type { Channel } from '../discord/world/world.ts';
import { READING, type Stage, setStage } from './stage.ts';

const text = async (answer: ReturnType<Member['runs']>) => (await (await answer).done()).text;

const SHORT = 'This is said to its end, whatever becomes of the gateway in the meantime.';

describe('what may happen to a line in mid-sentence', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
    await stage.clone(stage.ada);
    const admin = stage.guild.addMember({ name: 'Mia', permissions: ['ManageGuild'] });
    await text(admin.runs('admin limits', { lines_per_minute: 60 }));
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  /** A new channel where somebody is being heard. */
  async function speaking(name: string, line = READING, who = stage.ada) {
    const channel = stage.guild.addChannel('voice', name);
    const ears = who.joinsVoice(channel) as Listener;
    const voice = who === stage.ada ? undefined : 'af_sky';
    const answer = await who.runs('say', { text: line, voice });
    await ears.until(({ packets }) => packets.length > 5);
    return { channel, ears, answer };
  }

  test.each(['ViewChannel', 'Connect', 'Speak'] as const)(
    'the bot loses %s in the channel: the line ends, and a file is offered',
    async (permission) => {
      const { guild, discord } = stage;
      const member = guild.addMember({ name: permission });
      const { channel, answer } = await speaking(permission, READING, member);
      guild.deny(channel, discord.world.bot.id, 'member', [permission]);
      expect((await answer.done()).text).toContain('I may no longer speak in that channel');
      expect((await (await answer.clicks('Post as file')).done()).text).toContain('Posted as');
      member.leavesVoice();
    },
  );

  test('the channel is deleted: the line ends, and a file is offered', async () => {
    const { discord, ada } = stage;
    const { channel, answer } = await speaking('Doomed');
    discord.deletesChannel(channel);
    expect((await answer.done()).text).toContain('its voice channel has been deleted');
    expect((await (await answer.clicks('Post as file')).done()).text).toContain('Posted as');
    expect(await text(ada.runs('leave'))).toContain('E_NOT_IN_VOICE');
    ada.leavesVoice();
  });

  test('all leave: what is heard ends with its member, what waits is not spoken for nobody', async () => {
    const { guild, ada } = stage;
    const { channel, answer } = await speaking('Deserted', SHORT);
    const bob = guild.addMember({ name: 'Bob' });
    bob.joinsVoice(channel);
    const waiting = await bob.runs('say', { text: 'Is anybody there?', voice: 'af_sky' });
    await waiting.until(({ text: shown }) => shown.includes('1 before you'));
    for (const member of [ada, bob]) member.leavesVoice();
    const end = await waiting.until(({ text: shown }) => shown.includes('E_WITHDRAWN'));
    expect(end.text).toContain('nobody was left in that channel');
    expect((await answer.done()).text).toContain('you left voice');
    expect((await (await waiting.clicks('Post as file')).done()).text).toContain('Posted as');
  });

  test('the channel became full meanwhile: nobody waits for a bot that cannot come', async () => {
    const { guild, ada, discord } = stage;
    const booth = guild.addChannel('voice', 'Booth');
    ada.joinsVoice(booth);
    // Discord knows, and the bot does not yet.
    booth.userLimit = 1;
    const answer = await ada.runs('say', { text: READING });
    while (!(await text(ada.runs('queue'))).includes('**now**'));
    expect(guild.guild.voiceStates.get(discord.world.bot.id)?.channelId).not.toBe(booth.id);
    guild.limit(booth, 1);
    expect((await answer.done()).text).toContain('that channel is full');
    await text(ada.runs('leave'));
    ada.leavesVoice();
  });

  test('a moderator drags the bot to where the member may not speak', async () => {
    const { guild, ada, discord } = stage;
    const den = guild.addChannel('voice', 'Den');
    guild.deny(den, ada.id, 'member', ['Speak']);
    const { answer } = await speaking('Hall');
    discord.dragsBot(den);
    expect((await answer.done()).text).toContain('you may no longer speak in that channel');
    await text(ada.runs('leave'));
    ada.leavesVoice();
  });

  test('a moderator drags the bot elsewhere: the line is introduced there, and counts once', async () => {
    const { guild, ada, discord } = stage;
    const mod = guild.addMember({ name: 'Mod', permissions: ['ModerateMembers'] });
    const counted = async () => /(\d+) lines?/.exec(await text(mod.runs('mod voices')))?.[1];
    const den = guild.addChannel('voice', 'Lair');
    const { answer, channel } = await speaking('Porch', SHORT);
    const before = await counted();
    discord.dragsBot(den);
    expect((await answer.done()).text).toContain(`Spoken in <#${den.id}>`);
    expect(await counted()).toBe(before);
    for (const chat of [channel, den]) {
      const notes = guild.messages(chat).map(({ content }) => content);
      expect(notes.map((note) => /AI voices|AI voice of/.exec(note)?.[0]).filter(Boolean)).toEqual([
        'AI voices',
        'AI voice of',
      ]);
    }
    await text(ada.runs('leave'));
    ada.leavesVoice();
  });

  test('a moderator calls the bot elsewhere: the line ends, says where to, and a file is offered', async () => {
    const { guild, ada } = stage;
    const mod = guild.addMember({ name: 'Mod 2', permissions: ['ModerateMembers'] });
    const den = guild.addChannel('voice', 'Study');
    const { answer, channel } = await speaking('Terrace');
    await text(mod.runs('join', { channel: den.id }));
    const end = (await answer.done()).text;
    expect(end).toContain(`I was called from <#${channel.id}> to <#${den.id}>`);
    expect((await (await answer.clicks('Post as file')).done()).text).toContain('Posted as');
    await text(mod.runs('leave'));
    ada.leavesVoice();
  });

  test('the gateway drops and is resumed: nothing of the line is lost', async () => {
    const { ada, discord } = stage;
    const { ears, answer } = await speaking('Bridge', SHORT);
    discord.gateway.disconnect(4000);
    await stage.bot.line(({ msg }) => msg === 'gateway resumed');
    expect((await answer.done()).text).toContain('Spoken in');
    await ears.hearsEnd();
    expectContiguous(ears);
    expect(ears.undecodable).toBe(0);
    expect(discord.gateway.identifies).toBe(1);
    await text(ada.runs('leave'));
    ada.leavesVoice();
  });

  test('the gateway session is lost: the bot comes back, and the line goes on', async () => {
    const { ada, discord, guild } = stage;
    const { ears, answer, channel } = await speaking('Island', SHORT);
    const before = ears.speech().length;
    discord.losesGatewaySession();
    expect((await answer.done()).text).toContain('Spoken in');
    expect(ears.speech().length).toBeGreaterThan(before + 50);
    expect(discord.gateway.identifies).toBe(2);
    expect(isIn(channel)).toBe(true);
    const notes = guild.messages(channel).filter(({ content }) => content.includes('AI voices'));
    expect(notes).toHaveLength(1);
    await text(ada.runs('leave'));
    ada.leavesVoice();
  });

  test('a channel that nobody has called it to, or it has left again, it goes out of', async () => {
    const { ada, discord, guild } = stage;
    const attic = guild.addChannel('voice', 'Attic');
    ada.joinsVoice(attic);
    discord.dragsBot(attic);
    expect(isIn(attic)).toBe(true);
    while (isIn(attic)) await sleep(20);
    expect(await text(ada.runs('join'))).toContain('I am in');
    expect(isIn(attic)).toBe(true);
    await text(ada.runs('leave'));
    ada.leavesVoice();
  });

  test('the bot is removed from the server: the member is told, and it leaves nothing behind', async () => {
    const { discord, ada } = stage;
    const elsewhere = discord.addGuild('Elsewhere');
    const eve = elsewhere.addMember({ name: 'Eve' });
    const ears = eve.joinsVoice(elsewhere.lounge) as Listener;
    const answer = await eve.runs('say', { text: READING, voice: 'af_sky' });
    await ears.until(({ packets }) => packets.length > 5);
    discord.removesBot(elsewhere.id);
    expect((await answer.done()).text).toContain('I have been removed from that server');
    while (discord.voice.bots.some(({ guildId }) => guildId === elsewhere.id)) await sleep(20);
    expect(await text(ada.runs('help'))).toContain('Next');
  });

  function isIn(channel: Channel): boolean {
    const { guild, discord } = stage;
    return guild.guild.voiceStates.get(discord.world.bot.id)?.channelId === channel.id;
  }
});
