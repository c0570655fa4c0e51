import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GuildView } from '../discord/people/guild.ts';
import type { Member } from '../discord/people/member.ts';
import type { Listener } from '../discord/voice/listener.ts';
import { READING, type Stage, setStage } from './stage.ts';

const LONG = `${READING} ${READING}`;
/** Of a right that went, and of how long it may be heard after that. */
const AT_ONCE_MS = 1_000;
/** Of a departure that nobody told of: ten seconds until the next look, and room for a slow machine. */
const NEXT_LOOK_MS = 12_000;

describe('members who are gone', () => {
  let stage: Stage;
  let ears: Listener;
  beforeAll(async () => {
    stage = await setStage();
    const { discord, guild } = stage;
    discord.rest.answersAfter(100);
    ears = guild.addMember({ name: 'Bob' }).joinsVoice(guild.lounge) as Listener;
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  /** A new member who is being heard. */
  async function speaking(guild: GuildView, heardBy: Listener) {
    const member = guild.addMember({ name: 'Eve' });
    member.joinsVoice(guild.lounge);
    const before = heardBy.speech().length;
    const line = await member.runs('say', { text: LONG, voice: 'af_sky' });
    await heardBy.until(() => heardBy.speech().length > before + 10);
    return { member, line };
  }

  const now = () => performance.timeOrigin + performance.now();
  const looks = (member: Member) =>
    stage.discord.rest.requests.filter(
      ({ method, path }) => method === 'GET' && path.endsWith(`/members/${member.id}`),
    );

  test.each<[string, (member: Member) => void]>([
    ['is banned', (member) => stage.guild.bans(member)],
    ['is kicked', (member) => stage.guild.kicks(member)],
    ['leaves voice', (member) => member.leavesVoice()],
  ])('who %s is silent within a second, also with what waits', async (_, goes) => {
    const { member, line } = await speaking(stage.guild, ears);
    const waiting = await member.runs('say', { text: 'And this?', voice: 'af_sky' });
    await waiting.until(({ text }) => text.includes('1 before you'));
    const goneAt = now();
    goes(member);
    for (const each of [line, waiting])
      await each.until(({ text }) => text.includes('you left voice'));
    expect((ears.speech().at(-1)?.at ?? 0) - goneAt).toBeLessThan(AT_ONCE_MS);
  });

  test('who has only left voice can have a file instead', async () => {
    const { member, line } = await speaking(stage.guild, ears);
    member.leavesVoice();
    await line.until(({ text }) => text.includes('you left voice'));
    expect((await (await line.clicks('Post as file')).done()).text).toContain('Posted as a file');
  });

  test.each<[string, (member: Member) => void, number]>([
    ['is banned', (member) => stage.guild.bans(member), 0],
    ['is kicked out of voice', (member) => stage.guild.kicks(member), 1],
  ])('who %s has no file posted that is still being made', async (_, goes, asked) => {
    const { guild, venice } = stage;
    guild.trustsBot(['ViewAuditLog']);
    const member = guild.addMember({ name: 'Fay' });
    if (asked > 0) member.joinsVoice(guild.lounge);
    const calls = venice.requests.length;
    venice.setDelays({ firstByteMs: 500 });
    const answers = await Promise.all(
      ['file', 'message'].map((output) =>
        member.runs('say', { text: `Post this, ${member.id}.`, voice: 'af_sky', output }),
      ),
    );
    await expect.poll(() => venice.requests.length, { timeout: 10_000 }).toBe(calls + 2);
    const posted = guild.messages(guild.lobby).length;
    goes(member);
    for (const answer of answers)
      expect((await answer.done()).text).toContain('no longer a member');
    expect(guild.messages(guild.lobby)).toHaveLength(posted);
    expect(looks(member)).toHaveLength(asked);
    venice.setDelays({});
  });

  test('what nobody tells of is found at a look, one in ten seconds', async () => {
    const { discord, guild } = stage;
    const elsewhere = discord.addGuild('Elsewhere');
    const there = elsewhere.addMember({ name: 'Gil' }).joinsVoice(elsewhere.lounge) as Listener;
    const [gone, silenced] = await Promise.all([speaking(guild, ears), speaking(elsewhere, there)]);
    const goneAt = now();
    guild.loses(gone.member);
    elsewhere.timesOut(silenced.member, 60_000);
    await gone.line.until(({ text }) => text.includes('no longer a member'));
    await silenced.line.until(({ text }) => text.includes('you have been timed out'));
    for (const listener of [ears, there])
      expect((listener.speech().at(-1)?.at ?? 0) - goneAt).toBeLessThan(NEXT_LOOK_MS);
    for (const { member } of [gone, silenced]) expect(looks(member)).toHaveLength(1);
  });
});
