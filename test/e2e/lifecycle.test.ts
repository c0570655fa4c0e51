import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import BetterSqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bitsOf, INVITED } from '../discord/world/permissions.ts';
import { type BotProcess, type LogLine, startBot } from './bot-process.ts';
import { READING, type Stage, setStage } from './stage.ts';

describe('life and death', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
    // Each start asks once for the balance, which this key may not see; nobody starts a bot this often.
    stage.venice.violations.allow('venice failures');
    await stage.clone(stage.ada);
  });
  afterEach(async () => {
    await (await stage.ada.runs('leave')).done();
    stage.ada.leavesVoice();
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test('the link to invite it asks for what it needs, and nothing else', async () => {
    const { invite } = await stage.bot.ready();
    const asked = new URL(String(invite)).searchParams.get('permissions');
    expect(asked).toBe(String(bitsOf(INVITED)));
  });

  test('kill -9 loses no voice that was acknowledged, and handles survive', {
    timeout: 120_000,
  }, async () => {
    const { guild, discord, venice } = stage;
    for (let round = 0; round < 4; round += 1) {
      const member = guild.addMember({ name: `Member ${round}` });
      const sample = discord.attach(stage.recording(), 'me.wav');
      const answer = await member.runs('clone', { sample });
      await answer.done();
      const agreed = await answer.clicks('I agree');
      // Killed at another moment each round, every other one right after it was acknowledged.
      if (round % 2 === 1) await agreed.until(({ text }) => text.includes('is ready'));
      else await sleep(120 + round * 60);
      await stage.bot.stop('SIGKILL');
      const isAcknowledged = agreed.history().at(-1)?.message.text.includes('is ready') ?? false;
      expect(isAcknowledged || round % 2 === 0).toBe(true);
      await stage.restart();
      const listed = (await (await member.runs('voices list')).done()).text;
      if (isAcknowledged) expect(listed).toContain(`\`Member ${round}\``);
      else expect(listed).toMatch(/E_VOICE_MISSING|`Member/);
    }
    const uploads = venice.uploads().length;
    await (await stage.ada.runs('say', { text: 'Still the same handle.' })).done();
    expect(venice.uploads()).toHaveLength(uploads);
  });

  test('a restart tells those whose lines were open', async () => {
    const { ada, guild } = stage;
    ada.joinsVoice(guild.lounge);
    const current = await ada.runs('say', { text: READING });
    await guild.nextMessage(guild.lounge, ({ content }) => content.includes('AI voice of'));
    const waiting = await ada.runs('say', { text: READING });
    await waiting.until(({ text }) => text.includes('before you'));
    await stage.bot.stop('SIGKILL');
    await stage.restart();
    for (const line of [current, waiting])
      expect((await line.until(({ text }) => text.includes('E_INTERRUPTED'))).text).toContain(
        'send it again',
      );
  });

  test('a restart tells those whose clone was open where to look', async () => {
    const { guild, venice } = stage;
    const dora = guild.addMember({ name: 'Dora' });
    const sample = stage.discord.attach(stage.recording(), 'me.wav');
    const asked = await dora.runs('clone', { sample });
    await asked.done();
    const uploads = venice.uploads().length;
    venice.faults.add('/audio/voices', { kind: 'hang' });
    const agreed = await asked.clicks('I agree');
    await expect.poll(() => venice.uploads().length, { timeout: 10_000 }).toBe(uploads + 1);
    await stage.bot.stop('SIGKILL');
    await stage.restart();
    const told = await agreed.until(({ text }) => text.includes('E_INTERRUPTED'));
    expect(told.text).toContain('`/voices list` says whether it was finished');
    expect(told.buttons).toEqual([]);
  });

  test('an answer whose token is too old comes in private, and after a day not at all', async () => {
    const { guild, discord } = stage;
    const [late, forgotten] = ['Emil', 'Fay'].map((name) => guild.addMember({ name }));
    if (!late || !forgotten) throw new Error('Nobody came');
    const says = 'How to record your voice';
    const asked = () =>
      discord.rest.requests.filter(({ body }) => JSON.stringify(body)?.includes(says)).length;
    for (const member of [late, forgotten]) {
      const before = asked();
      discord.rest.hold({ method: 'PATCH', path: '/messages/@original', says });
      await member.runs('clone');
      await expect.poll(asked, { timeout: 10_000 }).toBe(before + 1);
    }
    await stage.bot.stop('SIGKILL');
    const database = new BetterSqlite(join(stage.bot.folder, 'myna.db'));
    const age = database.prepare('update pending set at = at - ? where user_id = ?');
    age.run(16 * 60_000, late.id);
    age.run(25 * 3_600_000, forgotten.id);
    database.close();
    await stage.restart();
    const inPrivate = ({ dmMessages }: typeof late) => dmMessages.length;
    await expect.poll(() => inPrivate(late), { timeout: 10_000 }).toBe(1);
    expect(inPrivate(forgotten)).toBe(0);
  });

  test('what was done is told by the next start where its answer was not', {
    timeout: 60_000,
  }, async () => {
    const { ada, guild, discord } = stage;
    const admin = guild.addMember({ name: 'Vera', permissions: ['ManageGuild'] });
    const [bo, cy] = ['Bo', 'Cy'].map((name) => guild.addMember({ name }));
    if (!bo || !cy) throw new Error('Nobody came');
    for (const member of [bo, cy]) await stage.clone(member);
    const done = [
      ['Posted as a file: https', () => ada.runs('say', { text: 'Once.', output: 'file' })],
      ['is now called `Raven`', () => bo.runs('voices rename', { voice: 'Bo', name: 'Raven' })],
      [
        'is deleted here',
        async () => await (await seen(cy.runs('voices delete', { voice: 'Cy' }))).clicks('Delete'),
      ],
      ['cannot use me in this server', () => admin.runs('mod block', { user: cy.id })],
      ['Limits of this server, as set', () => admin.runs('admin limits', { text: 500 })],
      ['That text has 700 characters', () => bo.runs('say', { text: 'parrots'.repeat(100) })],
    ] as const;
    const answers = [];
    for (const [says, act] of done) {
      discord.rest.hold({ method: 'PATCH', path: '/messages/@original', says });
      const before = countOf(says);
      answers.push([says, await act()] as const);
      await expect.poll(() => countOf(says), { timeout: 15_000 }).toBe(before + 1);
    }
    await stage.bot.stop('SIGKILL');
    await stage.restart();
    for (const [says, answer] of answers) {
      const told = await answer.until(({ text }) => text !== '');
      expect(told.text).toContain(says);
      expect(told.text).not.toContain('E_INTERRUPTED');
      // What a member typed is kept nowhere.
      expect(told.text).not.toContain('parrots');
      expect(told.buttons).toEqual([]);
    }

    async function seen(asking: ReturnType<typeof ada.runs>) {
      const answer = await asking;
      await answer.done();
      return answer;
    }
    function countOf(says: string): number {
      return discord.rest.requests.filter(
        ({ method, body }) => method === 'PATCH' && JSON.stringify(body)?.includes(says),
      ).length;
    }
  });

  test.each([
    ['file', 'a file'],
    ['message', 'a voice message'],
  ])(
    'a %s that Discord took as the bot was killed is told as posted',
    {
      timeout: 60_000,
    },
    async (output, what) => {
      const { ada, discord, guild } = stage;
      const path = `/channels/${guild.lobby.id}/messages`;
      const before = guild.messages(guild.lobby).length;
      const unanswered = { status: 'silent', isDone: true, isUntold: true } as const;
      discord.rest.fail({ method: 'POST', path, says: 'attachments', ...unanswered });
      const answer = await ada.runs('say', { text: `Taken as ${what}.`, output });
      const sounds = () =>
        guild
          .messages(guild.lobby)
          .slice(before)
          .filter(({ attachments }) => attachments.length > 0);
      await expect.poll(() => sounds().length, { timeout: 10_000 }).toBe(1);
      await stage.bot.stop('SIGKILL');
      await stage.restart();
      const told = await answer.until(({ text }) => /Posted|send it again/.test(text));
      expect(told.text).toMatch(new RegExp(`^Posted as ${what}: https://.*/${sounds()[0]?.id}$`));
      expect(sounds()).toHaveLength(1);
    },
  );

  test('SIGTERM lets what is being spoken end, tells the others, leaves voice and exits with 0', async () => {
    const { ada, guild } = stage;
    const ears = ada.joinsVoice(guild.lounge);
    const current = await ada.runs('say', { text: 'This is said to its end.' });
    await ears?.until(({ packets }) => packets.length > 5);
    const waiting = await ada.runs('say', { text: READING });
    await waiting.until(({ text }) => text.includes('1 before you'));
    const last = await ada.runs('say', { text: READING });
    await last.until(({ text }) => text.includes('2 before you'));
    expect(await stage.bot.stop('SIGTERM')).toBe(0);
    expect((await current.done()).text).toContain('Spoken in');
    // The sound of the next one may have been asked for already.
    expect((await waiting.done()).text).toMatch(/E_STOPPING|E_CUT_SHORT/);
    expect((await last.done()).text).toContain('Nothing was done or charged');
    expect(guild.guild.voiceStates.has(stage.discord.world.bot.id)).toBe(false);
    await stage.restart();
    await stage.bot.line(({ msg }) => msg === 'ready');
    // Ada is still there, so it comes back.
    await stage.discord.world.watch.until(
      () => guild.guild.voiceStates.get(stage.discord.world.bot.id),
      { what: 'the bot in its channel' },
    );
  });

  test('a gateway that drops and asks to come again loses nothing', async () => {
    const { ada, discord } = stage;
    const { resumes, identifies } = discord.gateway;
    discord.gateway.disconnect(4000);
    await stage.bot.line(({ msg }) => msg === 'gateway resumed');
    expect((await (await ada.runs('help')).done()).text).toContain('Next');
    discord.gateway.requestReconnect();
    await discord.world.watch.until(() => discord.gateway.resumes > resumes + 1 || undefined, {
      what: 'a second resume',
    });
    expect((await (await ada.runs('help')).done()).text).toContain('Next');
    expect(discord.gateway.identifies).toBe(identifies);
  });

  test('a join while the gateway is away is made up for when it is back, and only then', async () => {
    const { ada, guild, discord } = stage;
    const { watch, bot } = discord.world;
    const isThere = () => typeof guild.guild.voiceStates.get(bot.id)?.channelId === 'string';
    const leaves = async () => {
      await (await ada.runs('leave')).done();
      await watch.until(() => !isThere() || undefined, { what: 'the bot away' });
    };
    ada.joinsVoice(guild.lounge);
    // The first one also starts what speaks, which takes as long as a gateway is away.
    await (await ada.runs('join')).done();
    await leaves();
    const { resumes, identifies } = discord.gateway;
    const answer = await ada.runs('join');
    discord.gateway.disconnect(4000);
    // Much sooner than a request without an answer is repeated.
    expect((await answer.done({ timeoutMs: 10_000 })).text).toContain('I am in');
    expect(discord.gateway.resumes).toBe(resumes + 1);
    // What was asked of a gateway that broke is asked again, whatever else was said meanwhile.
    const leaving = await ada.runs('leave');
    discord.gateway.disconnect(4000);
    discord.mutesBot(guild.id, true);
    await leaving.done();
    await watch.until(() => !isThere() || undefined, { what: 'the bot away' });
    discord.mutesBot(guild.id, false);
    discord.losesGatewaySession();
    await watch.until(() => discord.gateway.identifies > identifies || undefined, {
      what: 'a new session',
    });
    expect((await (await ada.runs('help')).done()).text).toContain('Next');
    expect(isThere()).toBe(false);
  });

  test('after a crash a channel that is full holds up no other, nor does its panel stay', async () => {
    const { ada, guild, discord } = stage;
    const { watch, bot } = discord.world;
    const elsewhere = discord.addGuild('Elsewhere');
    const eve = elsewhere.addMember({ name: 'Eve' });
    const booth = guild.addChannel('voice', 'Booth');
    ada.joinsVoice(booth);
    eve.joinsVoice(elsewhere.lounge);
    await (await ada.runs('join')).done();
    const line = { text: READING, voice: 'af_sky' };
    const panel = async (what: string) =>
      await watch.until(
        () =>
          [...elsewhere.lounge.messages.values()].find(({ json }) => json.content.includes(what)),
        { what: 'a panel' },
      );
    await eve.runs('say', line);
    await panel('Now speaking');
    await eve.runs('say', line);
    // Known by now: it is changed only once it has been noted.
    const left = await panel('1 waiting');
    await stage.bot.stop('SIGKILL');
    discord.losesGatewaySession();
    booth.userLimit = 1;
    await stage.restart();
    const isBack = () => elsewhere.guild.voiceStates.get(bot.id)?.channelId === elsewhere.lounge.id;
    await watch.until(() => (left.isDeleted && isBack()) || undefined, { what: 'the bot back' });
    expect(guild.guild.voiceStates.has(bot.id)).toBe(false);
  });

  test('being put out of a voice channel ends the lines there, and it does not come back by itself', async () => {
    const { ada, guild, discord } = stage;
    const ears = ada.joinsVoice(guild.lounge);
    const answer = await ada.runs('say', { text: READING });
    await ears?.until(({ packets }) => packets.length > 5);
    discord.kickBotFromVoice(guild.id);
    expect((await answer.done()).text).toContain('E_VOICE_REMOVED');
    expect((await (await ada.runs('leave')).done()).text).toContain('E_NOT_IN_VOICE');
  });

  test('fifty interactions at once are acknowledged in time', async () => {
    const { guild } = stage;
    const members = Array.from({ length: 50 }, (_, index) =>
      guild.addMember({ name: `M${index}` }),
    );
    const answers = await Promise.all(members.map((member) => member.runs('help')));
    const acks = await Promise.all(answers.map(async (answer) => (await answer.acked()).afterMs));
    expect(Math.max(...acks)).toBeLessThan(3000);
    const texts = await Promise.all(answers.map(async (answer) => (await answer.done()).text));
    expect(texts.every((text) => text.includes('Next'))).toBe(true);
  });

  test('commands are registered once, not at every start', async () => {
    await stage.restart();
    const { requests } = stage.discord.rest;
    expect(requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  test('a second instance on the same database refuses to start', async () => {
    const { discord, venice, bot } = stage;
    const env = {
      ...discord.env,
      VENICE_API_URL: venice.url,
      VENICE_API_KEY: venice.keys.inference,
    };
    const second = await startBot(env, { folder: bot.folder });
    expect(await second.exit).toBe(75);
    expect(second.output.join()).toContain('Another instance is running');
  });
});

describe('the master key', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
    await stage.clone(stage.ada);
    await stage.bot.stop('SIGTERM');
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const start = async (env: Readonly<Record<string, string>> = {}): Promise<BotProcess> => {
    const { discord, venice, bot } = stage;
    const own = { VENICE_API_URL: venice.url, VENICE_API_KEY: venice.keys.inference };
    return await startBot({ ...discord.env, ...own, ...env }, { folder: bot.folder });
  };

  test('it lies beside the database, for nobody else to read', async () => {
    const { mode } = await stat(join(stage.bot.folder, 'master.key'));
    expect(mode & 0o777).toBe(0o600);
  });

  test('a missing, a wrong and a malformed one stop the start, and say so', async () => {
    const file = join(stage.bot.folder, 'master.key');
    const key = await readFile(file, 'utf8');
    const wrong = await start({ MASTER_KEY: Buffer.alloc(32, 7).toString('base64') });
    expect(await wrong.exit).toBe(78);
    expect(wrong.output.join()).toContain('not the one this database was encrypted with');
    const malformed = await start({
      MASTER_KEY: 'short',
      ALLOWED_GUILDS: '1,b',
      DISCORD_TOKEN: '',
      DISCORD_TOKEN_FILE: '/nonexistent',
    });
    expect(await malformed.exit).toBe(78);
    const said = malformed.output.join('\n');
    expect(said).not.toContain('short');
    expect(said).toContain('MASTER_KEY is not a key');
    expect(said).toContain('ALLOWED_GUILDS has an entry that is no Discord id, "b"');
    expect(said).toContain('DISCORD_TOKEN_FILE cannot be read');
    expect(said).not.toContain('DISCORD_TOKEN is missing');
    await rm(file);
    const missing = await start();
    expect(await missing.exit).toBe(78);
    await expect(stat(file)).rejects.toThrow();
    await writeFile(file, key);
    await using right = await start();
    await right.ready();
  });
});

describe('configuration', () => {
  const GOOD = {
    DISCORD_TOKEN: `${Buffer.from('123456789012345678').toString('base64url')}.abcdef.${'x'.repeat(38)}`,
    VENICE_API_KEY: 'VENICE_INFERENCE_KEY_0123456789abcdef',
    DISCORD_API_URL: 'http://127.0.0.1:9/api',
  };

  // All problems are named at once, so that few starts show many.
  test.each<readonly [string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'what is missing',
      { DISCORD_TOKEN: '', VENICE_API_KEY: '' },
      ['DISCORD_TOKEN is missing', 'VENICE_API_KEY is missing'],
    ],
    [
      'what is swapped',
      { DISCORD_TOKEN: GOOD.VENICE_API_KEY, VENICE_API_KEY: GOOD.DISCORD_TOKEN },
      ['look swapped'],
    ],
    [
      'secrets that cannot be read',
      { DISCORD_TOKEN_FILE: '/dev/null', VENICE_API_KEY: '', VENICE_API_KEY_FILE: '/nowhere' },
      ['DISCORD_TOKEN and DISCORD_TOKEN_FILE are both set', 'VENICE_API_KEY_FILE cannot be read'],
    ],
    [
      'wrong addresses',
      {
        DISCORD_API_URL: 'http://example.com/api',
        DISCORD_CDN_URL: 'http://example.com',
        VENICE_API_URL: 'http://example.com/api/v1',
      },
      ['DISCORD_API_URL uses http:', 'DISCORD_CDN_URL uses http:', 'VENICE_API_URL uses http:'],
    ],
    [
      'a folder that cannot be',
      { DATABASE_PATH: '/proc/nowhere/myna.db' },
      ['DATABASE_PATH cannot be written'],
    ],
    [
      'wrong values',
      {
        DISCORD_TOKEN: 'one two',
        VENICE_API_URL: 'venice',
        BUDGET_USD_PER_DAY: '-1',
        BUDGET_USD_PER_MONTH: 'lots',
        VOICES_PER_MEMBER: '1000',
        CONSENT_FLOOR: 'none',
        GUILD_ID: 'aviary',
        ALLOWED_GUILDS: '123, aviary',
        LOG_LEVEL: 'loud',
      },
      [
        'space or a line break',
        'not a web address',
        'BUDGET_USD_PER_DAY is too small',
        'BUDGET_USD_PER_MONTH is not a number',
        'VOICES_PER_MEMBER is too large',
        'CONSENT_FLOOR is not one of',
        'GUILD_ID is not a Discord id',
        'ALLOWED_GUILDS has an entry that is no Discord id, "aviary"',
        'LOG_LEVEL is not one of',
      ],
    ],
  ])('%s: the start stops with 78, and each has its remedy', async (_, env, words) => {
    await using bot = await startBot({ ...GOOD, ...env });
    expect(await bot.exit).toBe(78);
    const output = bot.output.join('\n');
    for (const sentence of words) expect(output).toContain(sentence);
    for (const secret of [GOOD.DISCORD_TOKEN, GOOD.VENICE_API_KEY])
      expect(output).not.toContain(secret);
  });
});

describe('a start, and an end', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
    await stage.bot.stop('SIGTERM');
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const start = async (
    env: Readonly<Record<string, string>> = {},
    options: { throughNpm?: boolean } = {},
  ): Promise<BotProcess> => {
    const { discord, venice } = stage;
    const own = { VENICE_API_URL: venice.url, VENICE_API_KEY: venice.keys.inference };
    return await startBot({ ...discord.env, ...own, ...env }, options);
  };

  /** Has something be spoken, with a panel beside it. */
  async function speak(text: string) {
    const { ada, guild, discord } = stage;
    const ears = ada.joinsVoice(guild.lounge);
    const line = await ada.runs('say', { text, voice: 'af_sky' });
    await ears?.until(({ packets }) => packets.length > 5);
    const panel = await discord.world.watch.until(
      () =>
        [...guild.lounge.messages.values()].find(
          ({ json, isDeleted }) => json.content.includes('Now speaking') && !isDeleted,
        ),
      { what: 'a panel' },
    );
    return { line, panel };
  }

  /** Changes what the application is set to, for one test. */
  function change(setting: Partial<Stage['discord']['world']['application']>): void {
    const { application } = stage.discord.world;
    const before = { ...application };
    Object.assign(application, setting);
    onTestFinished(() => void Object.assign(application, before));
  }

  test('secrets come from files, with their line breaks and quotes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'secrets-'));
    await writeFile(join(folder, 'token'), `${stage.discord.env['DISCORD_TOKEN']}\n`);
    await using bot = await start({
      DISCORD_TOKEN: '',
      DISCORD_TOKEN_FILE: join(folder, 'token'),
      VENICE_API_KEY: ` "${stage.venice.keys.inference}" `,
      BUDGET_PER_DAY: '1',
    });
    await bot.ready();
    expect(bot.output.join()).toContain('BUDGET_PER_DAY is set but is no variable of this bot');
    expect(bot.output.join()).toContain('quotes or white space');
    await rm(folder, { recursive: true });
  });

  test.each([
    [
      'an interactions endpoint',
      { interactionsEndpointUrl: 'https://example.com' },
      'Interactions Endpoint URL',
    ],
    ['a code grant', { requiresCodeGrant: true }, 'Requires OAuth2 Code Grant'],
  ])('%s is named with its remedy', async (_, setting, words) => {
    change(setting);
    await using bot = await start();
    expect(await bot.exit).toBe(78);
    expect(bot.output.join()).toContain(words);
  });

  test('a token that Discord refuses stops it', async () => {
    const id = Buffer.from('123456789012345678').toString('base64url');
    await using bot = await start({ DISCORD_TOKEN: `${id}.abcdef.${'x'.repeat(38)}` });
    expect(await bot.exit).toBe(78);
    expect(bot.output.join()).toContain('DISCORD_TOKEN is refused');
  });

  test('Discord and its gateway out of order: it waits in words, and comes up after them', async () => {
    const { discord } = stage;
    const isAsking = (why: string) => (line: LogLine) =>
      line.msg?.startsWith('Discord cannot be reached') === true &&
      String(line['why']).includes(why);
    // As often as the library asks before it gives up.
    discord.rest.fail({ method: 'GET', path: '/gateway/bot', status: 503 }, 4);
    discord.gateway.isDown = true;
    await using bot = await start();
    await bot.line(isAsking('Service Unavailable'));
    await bot.line(isAsking('The gateway of Discord'));
    discord.gateway.isDown = false;
    await bot.ready();
    expect(bot.output.join()).not.toContain('    at ');
    // Nobody answers that it may close the connection, either.
    discord.gateway.hearsNothing();
    const askedAt = performance.now();
    expect(await bot.stop()).toBe(0);
    expect(performance.now() - askedAt).toBeLessThan(10_000);
  });

  test('no network: it says so, asks again and again, and ends when it is told to', async () => {
    await using bot = await start({ DISCORD_API_URL: 'http://no-such-host/api' });
    const asking = await bot.line(({ seconds }) => seconds === 2);
    expect(asking['why']).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(await bot.stop()).toBe(0);
    expect(bot.output.join()).not.toContain('    at ');
  });

  test('a public bot for every server comes with a loud warning', async () => {
    change({ isPublic: true });
    await using bot = await start();
    await bot.ready();
    expect(bot.output.join()).toContain('ANYONE CAN ADD THIS BOT');
  });

  test.each([
    ['the whole group', 'group', 'SIGINT'],
    ['npm alone', 'npm', 'SIGTERM'],
    ['the bot alone', 'bot', 'SIGTERM'],
  ] as const)(
    'npm start, asked to stop by a signal to %s: a graceful end',
    async (_, whom, signal) => {
      await using bot = await start({}, { throughNpm: true });
      await bot.ready();
      const environment = await readFile(`/proc/${bot.pidOf('bot')}/environ`, 'utf8');
      expect(environment).toContain('MALLOC_TRIM_THRESHOLD_=131072');
      const { line, panel } = await speak('This is said to its end.');
      process.kill(bot.pidOf(whom), signal);
      // It is over when nobody writes to its streams any more; what npm makes of a signal is npm's.
      const code = await bot.exit;
      if (whom === 'bot') expect(code).toBe(0);
      expect((await line.done()).text).toContain('Spoken in');
      expect(panel.isDeleted).toBe(true);
      stage.ada.leavesVoice();
    },
  );

  test('a line that is longer than the time a stop takes: its member is told so', async () => {
    await using bot = await start();
    await bot.ready();
    const { line } = await speak(READING);
    expect(await bot.stop('SIGTERM')).toBe(0);
    expect((await line.done()).text).toMatch(/was not heard to its end[\s\S]*E_CUT_SHORT/);
    stage.ada.leavesVoice();
  });

  test('a second signal after more than two seconds cuts at once', async () => {
    await using bot = await start();
    await bot.ready();
    await speak(READING);
    bot.child.kill('SIGTERM');
    await bot.line(({ msg }) => msg === 'stopping');
    const askedAt = performance.now();
    await sleep(2_200);
    bot.child.kill('SIGTERM');
    expect(await bot.exit).toBe(1);
    // What is being spoken would have been let end for more than seven seconds.
    expect(performance.now() - askedAt).toBeLessThan(6_000);
    stage.ada.leavesVoice();
  });

  test('a signal while Discord does not answer at the start: it ends at once', async () => {
    const held = stage.discord.rest.hold({ method: 'GET', path: '/applications/@me' });
    await using bot = await start();
    await stage.discord.world.watch.until(() => held.isReached || undefined, {
      what: 'a first request',
    });
    const askedAt = performance.now();
    bot.child.kill('SIGTERM');
    expect(await bot.exit).toBe(0);
    expect(performance.now() - askedAt).toBeLessThan(8_000);
    held.letGo();
  });

  test('where a process cannot replace itself, as on Windows, npm start runs the bot all the same', () => {
    const launcher = JSON.stringify(pathToFileURL('src/start.js').href);
    const asOnWindows = `Object.defineProperty(process, 'platform', { value: 'win32' }); await import(${launcher})`;
    const { status, stderr, stdout } = spawnSync(
      'node',
      ['--input-type=module', '-e', asOnWindows],
      { encoding: 'utf8', cwd: tmpdir(), env: { PATH: process.env['PATH'] } },
    );
    expect(status).toBe(78);
    expect(stdout + stderr).toContain('DISCORD_TOKEN');
  });

  test.each(['22.19.0', '23.11.1'])(
    'Node %s is refused in words, before anything is read',
    (version) => {
      const check =
        "Object.defineProperty(process.versions, 'node', { value: process.argv[1] }); require('./src/check-node.cjs')";
      const { status, stderr } = spawnSync('node', ['-e', check, version], { encoding: 'utf8' });
      expect(status).toBe(78);
      expect(stderr).toContain(`this is ${version}`);
    },
  );
});
