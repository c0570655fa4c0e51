import { once } from 'node:events';
import { type Client, Events } from 'discord.js';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClient } from '../../src/bot/client.ts';
import { createDepartures, type Departures } from '../../src/bot/departures.ts';
import { logIn } from '../../src/bot/log-in.ts';
import type { GuildView } from '../discord/people/guild.ts';
import type { Member } from '../discord/people/member.ts';
import { type Discord, startDiscord } from '../discord/server.ts';

describe('signs of being there', () => {
  let discord: Discord;
  let client: Client;
  let guild: GuildView;
  let departures: Departures;
  let shiftMs = 0;
  beforeAll(async () => {
    discord = await startDiscord();
    guild = discord.addGuild('Aviary');
    const log = pino({ level: 'silent' });
    client = createClient({ apiUrl: discord.env['DISCORD_API_URL'] ?? '', log });
    departures = createDepartures({ client, clock: () => Date.now() + shiftMs, log });
    await logIn(client, discord.world.token, { signal: AbortSignal.timeout(10_000) });
  });
  afterAll(async () => {
    await client.destroy();
    await discord[Symbol.asyncDispose]();
  });

  const known = async ({ id }: Member) =>
    await (await client.guilds.fetch({ guild: guild.id, force: false })).members.fetch(id);
  const looks = ({ id }: Member) =>
    discord.rest.requests.filter(({ path }) => path.endsWith(`/guilds/${guild.id}/members/${id}`))
      .length;

  test.each<[string, Events, (member: Member) => unknown]>([
    ['a message', Events.MessageCreate, (member) => member.writes(guild.lobby, 'Hello')],
    ['coming to voice', Events.VoiceStateUpdate, (member) => member.joinsVoice(guild.lounge)],
  ])('%s counts as a look for ten seconds', async (_, event, gives) => {
    const member = guild.addMember({ name: 'Ada' });
    const knownMember = await known(member);
    const before = looks(member);
    const told = once(client, event);
    gives(member);
    await told;
    shiftMs += 9_000;
    expect(await departures.look(knownMember)).toBe(false);
    expect(looks(member)).toBe(before);
    shiftMs += 2_000;
    expect(await departures.look(knownMember)).toBe(false);
    expect(looks(member)).toBe(before + 1);
  });

  test('leaving voice is no sign, and ends the one there was', async () => {
    const member = guild.addMember({ name: 'Eve' });
    const knownMember = await known(member);
    for (const step of [() => member.joinsVoice(guild.lounge), () => guild.kicks(member)]) {
      const told = once(client, Events.VoiceStateUpdate);
      step();
      await told;
    }
    expect(await departures.look(knownMember)).toBe(true);
  });

  test('a look is one for all who ask, and holds up nobody who need not wait', async () => {
    const member = guild.addMember({ name: 'Bob' });
    const knownMember = await known(member);
    const before = looks(member);
    guild.kicks(member);
    const held = discord.rest.hold({ method: 'GET', path: `/members/${member.id}` });
    expect(departures.hasLeft(knownMember)).toBe(false);
    const looked = [departures.look(knownMember), departures.look(knownMember)];
    held.letGo();
    expect(await Promise.all(looked)).toEqual([true, true]);
    expect(departures.hasLeft(knownMember)).toBe(true);
    expect(looks(member)).toBe(before + 1);
  });

  test('Discord that does not say whether they are there is asked again in ten seconds', async () => {
    const member = guild.addMember({ name: 'Cem' });
    const knownMember = await known(member);
    guild.kicks(member);
    discord.rest.fail({ method: 'GET', path: `/members/${member.id}`, status: 500 }, 4);
    expect(await departures.look(knownMember)).toBe(false);
    expect(departures.hasLeft(knownMember)).toBe(false);
    shiftMs += 11_000;
    expect(await departures.look(knownMember)).toBe(true);
  });

  test('who comes back has not left', async () => {
    const member = guild.addMember({ name: 'Dan' });
    const knownMember = await known(member);
    guild.kicks(member);
    expect(await departures.look(knownMember)).toBe(true);
    const told = once(client, Events.MessageCreate);
    member.writes(guild.lobby, 'Here I am again');
    await told;
    expect(departures.hasLeft(knownMember)).toBe(false);
  });
});
