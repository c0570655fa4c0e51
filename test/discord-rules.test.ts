import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GuildView } from './discord/people/guild.ts';
import { type Discord, startDiscord } from './discord/server.ts';
import type { OpenInteraction } from './discord/world/world.ts';

const EPHEMERAL = 64;
const HELLO = JSON.stringify({ content: 'Hello' });

describe('what Discord says of calls beyond its document', () => {
  let discord: Discord;
  let guild: GuildView;
  let before: number;
  beforeAll(async () => {
    discord = await startDiscord();
    guild = discord.addGuild('Aviary');
  });
  beforeEach(() => {
    before = discord.violations.list.length;
  });
  afterAll(() => discord[Symbol.asyncDispose]());

  /** The rules that were broken in this test. */
  const broken = () => discord.violations.list.slice(before).map(({ rule }) => rule);

  async function call(method: string, path: string, body: string | FormData, type?: string) {
    const headers = new Headers({ 'user-agent': 'DiscordBot (https://myna.example, 1)' });
    headers.set('authorization', `Bot ${discord.world.token}`);
    if (typeof body === 'string') headers.set('content-type', type ?? 'application/json');
    const url = `${discord.rest.url}/v10${path}`;
    return (await fetch(url, { method, headers, body })).status;
  }
  const post = (body: string | FormData, type?: string) =>
    call('POST', `/channels/${guild.lobby.id}/messages`, body, type);

  /** An interaction that began so long ago. */
  function interact(agoMs = 0): OpenInteraction {
    const { world } = discord;
    const id = world.nextId();
    const interaction: OpenInteraction = {
      id,
      token: `token-${id}`,
      type: 2,
      at: world.clock() - agoMs,
      sentMs: performance.now() - agoMs,
      user: world.application.owner,
      channel: guild.lobby,
      commandName: 'say',
      source: undefined,
      callbacks: [],
      original: undefined,
      followUps: [],
    };
    world.interactions.set(interaction.token, interaction);
    return interaction;
  }
  const acknowledge = ({ id, token }: OpenInteraction, flags = 0) =>
    call(
      'POST',
      `/interactions/${id}/${token}/callback`,
      JSON.stringify({ type: 5, data: { flags } }),
    );
  const more = (method: string, { token }: OpenInteraction, flags = 0) =>
    call(
      method,
      `/webhooks/${discord.world.bot.id}/${token}${method === 'PATCH' ? '/messages/@original' : ''}`,
      JSON.stringify({ content: 'Hello', flags }),
    );

  test('what is right breaks none', async () => {
    const form = new FormData();
    form.set('payload_json', HELLO);
    form.set('files[0]', new Blob(['OggS'], { type: 'audio/ogg' }), 'a.ogg');
    expect(await post(HELLO)).toBe(200);
    expect(await post(form)).toBe(200);
    const interaction = interact();
    expect(await acknowledge(interaction, EPHEMERAL)).toBe(204);
    expect(await more('PATCH', interaction)).toBe(200);
    expect(await more('POST', interaction)).toBe(200);
    expect(broken()).toEqual([]);
  });

  test('a JSON body names its type', async () => {
    await post(HELLO, 'text/plain');
    expect(broken()).toEqual(['rest content type']);
  });

  test.each(['content', 'file', 'files[x]'])('a form has no field %s', async (field) => {
    const form = new FormData();
    form.set('payload_json', HELLO);
    form.set(field, new Blob(['OggS'], { type: 'audio/ogg' }), 'a.ogg');
    await post(form);
    expect(broken()).toEqual(['rest form']);
  });

  test('a call that got a 429 waits for as long as it says', async () => {
    const path = `/channels/${guild.lobby.id}/messages`;
    discord.rest.fail({ method: 'POST', path, status: 429, retryAfter: 30 });
    await post(HELLO);
    expect(broken()).toEqual([]);
    await post(HELLO);
    expect(broken()).toEqual(['rest retry']);
  });

  test('after a global 429 every call waits, but for answers to interactions', async () => {
    const fault = { method: 'GET', path: '/users/@me', status: 429, isGlobal: true } as const;
    discord.rest.fail({ ...fault, retryAfter: 0.2 });
    const headers = { 'user-agent': 'DiscordBot (https://myna.example, 1)' };
    await fetch(`${discord.rest.url}/v10/users/@me`, { headers });
    await acknowledge(interact());
    expect(broken()).toEqual([]);
    await call('PATCH', `/channels/${guild.lobby.id}/messages/1`, HELLO);
    expect(broken()).toEqual(['rest retry']);
    await sleep(200);
    await call('PATCH', `/channels/${guild.lobby.id}/messages/1`, HELLO);
    expect(broken()).toEqual(['rest retry']);
  });

  test('an interaction is acknowledged once, and in time', async () => {
    const twice = interact();
    await acknowledge(twice);
    await acknowledge(twice);
    await acknowledge(interact(3_100));
    expect(broken()).toEqual(['rest acknowledgement', 'rest acknowledgement']);
  });

  test('nothing is said before the acknowledgement, and nothing after 15 minutes', async () => {
    await more('POST', interact());
    const old = interact(16 * 60_000);
    old.callbacks.push({ type: 5, data: {}, status: 204, afterMs: 100 });
    await more('POST', old);
    expect(broken()).toEqual(['rest follow-up', 'rest token']);
  });

  test('what all see is not hidden later, nor what one sees shown', async () => {
    const shown = interact();
    await acknowledge(shown);
    await more('PATCH', shown, EPHEMERAL);
    const hidden = interact();
    await acknowledge(hidden, EPHEMERAL);
    await more('POST', hidden);
    expect(broken()).toEqual(['rest ephemeral', 'rest ephemeral']);
  });
});
