import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Listener } from '../discord/voice/listener.ts';
import type { Fault } from '../venice/faults.ts';
import { ENCODINGS } from '../venice/sound.ts';
import { SAMPLE_RATE } from '../venice/synthesis.ts';
import { halfRate, likeness } from './sound.ts';
import { READING, type Stage, setStage } from './stage.ts';

const DAY_MS = 86_400_000;
const CHATTERBOX = 'tts-chatterbox-hd';

/** Each row of the provider's errors: what it does, what a member reads, how often it was asked. */
const SPEECH_ERRORS: readonly (readonly [string, Fault, string, number])[] = [
  [
    '400 with a text',
    { kind: 'status', status: 400, body: 'input is not acceptable' },
    'E_PROVIDER_REJECTED',
    1,
  ],
  [
    '400 with details',
    {
      kind: 'status',
      status: 400,
      body: { error: 'Invalid request parameters', details: { speed: 'out of range' } },
    },
    'E_PROVIDER_REJECTED',
    1,
  ],
  [
    '400 in the manner of OpenAI',
    {
      kind: 'status',
      status: 400,
      body: { error: { message: 'Unsupported', param: 'response_format' } },
    },
    'E_PROVIDER_REJECTED',
    1,
  ],
  ['401', { kind: 'status', status: 401 }, 'E_PROVIDER_ACCESS', 1],
  ['402', { kind: 'status', status: 402 }, 'E_PROVIDER_BALANCE', 1],
  ['403', { kind: 'status', status: 403 }, 'E_PROVIDER_MODEL', 1],
  ['404', { kind: 'status', status: 404 }, 'E_PROVIDER_MODEL', 1],
  ['410', { kind: 'status', status: 410 }, 'E_PROVIDER_MODEL', 1],
  ['413', { kind: 'status', status: 413 }, 'E_PROVIDER_BIG', 1],
  ['415', { kind: 'status', status: 415 }, 'E_PROVIDER_REJECTED', 1],
  ['422', { kind: 'status', status: 422 }, 'E_PROVIDER_REJECTED', 1],
  ['429 without a time', { kind: 'status', status: 429 }, 'E_PROVIDER_BUSY', 1],
  [
    '429 until far away',
    {
      kind: 'status',
      status: 429,
      headers: { 'x-ratelimit-reset-requests': String(Math.floor(Date.now() / 1000) + 300) },
    },
    'E_PROVIDER_BUSY',
    1,
  ],
  ['500, again and again', { kind: 'status', status: 500 }, 'E_PROVIDER_DOWN', 3],
  ['503, again and again', { kind: 'status', status: 503 }, 'E_PROVIDER_DOWN', 3],
  ['504, again and again', { kind: 'status', status: 504 }, 'E_PROVIDER_DOWN', 3],
  [
    'JSON instead of sound',
    { kind: 'nonsense', contentType: 'application/json', body: '{"ok":true}' },
    'E_PROVIDER_BAD_AUDIO',
    2,
  ],
  [
    'HTML instead of sound',
    { kind: 'nonsense', contentType: 'text/html', body: '<h1>hello</h1>' },
    'E_PROVIDER_BAD_AUDIO',
    2,
  ],
  [
    'no sound at all',
    { kind: 'nonsense', contentType: 'audio/wav', body: '' },
    'E_PROVIDER_BAD_AUDIO',
    2,
  ],
  [
    'sound that is none',
    { kind: 'nonsense', contentType: 'audio/wav', body: 'this is no WAV, whatever it is called' },
    'E_PROVIDER_BAD_AUDIO',
    2,
  ],
  ['a cut connection, twice', { kind: 'cut', afterBytes: 4000 }, 'E_PROVIDER_DOWN', 2],
  ['half a sound, twice', { kind: 'end', afterBytes: 4000 }, 'E_PROVIDER_BAD_AUDIO', 2],
  ['silence, twice', { kind: 'silence' }, 'E_PROVIDER_BAD_AUDIO', 2],
];

/** What is remembered of the provider until the next start. */
const LASTING = ['E_PROVIDER_ACCESS', 'E_PROVIDER_BALANCE', 'E_PROVIDER_BUSY'];

describe('trouble with the provider', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
    await stage.clone(stage.ada);
    const admin = stage.guild.addMember({ name: 'Admin', permissions: ['ManageGuild'] });
    await (await admin.runs('admin limits', { lines_per_minute: 60 })).done();
  });
  afterEach(pass);
  afterAll(() => stage[Symbol.asyncDispose]());

  /** The trouble is over, and the provider, too, has forgotten how often the key has failed. */
  function pass(): void {
    const { venice } = stage;
    venice.faults.clear();
    venice.advance(31_000);
    venice.overload(CHATTERBOX, 0, 'nothing');
    venice.setPermitted(true);
    venice.setBalance(12.5);
    for (const model of [CHATTERBOX, 'tts-kokoro']) venice.setModel(model, undefined);
  }

  /** What the bot has learnt of a provider in trouble does not outlive it. */
  async function forget(): Promise<void> {
    pass();
    await stage.bot.stop('SIGKILL');
    await stage.restart();
  }

  const uploads = () => stage.venice.uploads().length;
  /** How often the bot's owner was told something of this kind. */
  const alarms = (kind: string) =>
    stage.toldTo(stage.discord.world.application.owner.id).filter((text) => text.includes(kind))
      .length;
  const untilTold = async (fits: () => boolean) =>
    await stage.discord.world.watch.until(() => fits() || undefined, { what: 'a direct message' });

  test('every row of its errors has its own clear answer, and nothing is posted', {
    timeout: 90_000,
  }, async () => {
    onTestFinished(forget);
    let failures = 0;
    for (const [name, fault, code, calls] of SPEECH_ERRORS) {
      const { ada, guild, venice } = stage;
      const asked = venice.requests.filter(({ path }) => path === '/audio/speech').length;
      const posted = guild.messages(guild.lobby).length;
      venice.faults.add('/audio/speech', fault, calls);
      const answer = await ada.runs('say', { text: `Trouble: ${name}.` });
      expect((await answer.done()).text, name).toContain(code);
      expect(
        venice.requests.filter(({ path }) => path === '/audio/speech').length - asked,
        name,
      ).toBe(calls);
      expect(guild.messages(guild.lobby).length, name).toBe(posted);
      venice.faults.clear();
      failures += calls;
      // A 402 alone would silence what follows for ten minutes, a dozen failures for half a one.
      if (!LASTING.includes(code) && failures < 8) continue;
      failures = 0;
      await forget();
    }
  });

  test('a line that broke off can be tried again where it was to be heard', async () => {
    const { ada, guild, venice } = stage;
    ada.joinsVoice(guild.lounge);
    venice.faults.add('/audio/speech', { kind: 'cut', afterBytes: 60_000 });
    const answer = await ada.runs('say', { text: 'This breaks off in the middle of it all.' });
    const { text } = await answer.done();
    expect(text).toContain('could not be finished. Try again; if it stays so, wait');
    ada.leavesVoice();
    const away = await answer.clicks('Try again');
    // Never a public file that nobody asked for.
    expect((await away.done()).text).toContain('E_JOIN_VOICE');
    ada.joinsVoice(guild.lounge);
    const again = await ada.runs('say', { text: 'This breaks off in the middle of it all.' });
    expect((await again.done()).text).toContain('Spoken in');
    ada.leavesVoice();
  });

  const MENDED: readonly (readonly [string, Fault, number])[] = [
    ['nothing', { kind: 'nonsense', contentType: 'audio/wav', body: '' }, 2],
    ['rubbish', { kind: 'nonsense', contentType: 'audio/wav', body: 'this is no WAV at all' }, 2],
    ['a sound that breaks off', { kind: 'cut', afterBytes: 9000 }, 2],
    ['a sound that ends too soon', { kind: 'end', afterBytes: 9000 }, 2],
    ['silence', { kind: 'silence' }, 2],
    // Nobody knows whether anything was made of it: both calls cost as one.
    ['a connection that is reset', { kind: 'reset' }, 1],
  ];
  test.each(MENDED)('%s is asked for again, and posted whole', async (name, fault, calls) => {
    const { ada, converter, guild, venice } = stage;
    const text = `This was to be all of it, but first there came ${name}.`;
    const [paid, asked] = [spent(), venice.requests.length];
    venice.faults.add('/audio/speech', fault);
    const answer = await ada.runs('say', { text });
    expect((await answer.done()).text).toContain('Posted as a file');
    const [file] = guild.messages(guild.lobby).at(-1)?.attachments ?? [];
    const heard = await converter.toPcm(file?.bytes ?? new Uint8Array());
    const { pcm: said = new Int16Array() } = venice.spoken().at(-1) ?? {};
    expect(likeness(heard, said)).toBeGreaterThan(0.9);
    expect(likeness(heard.toReversed(), said.toReversed())).toBeGreaterThan(0.9);
    expect(spent() - paid).toBe(calls * text.length * 50);
    expect(venice.requests).toHaveLength(asked + 2);
    const again = await ada.runs('say', { text });
    expect((await again.done()).text).toContain('Posted as a file');
    expect(venice.requests).toHaveLength(asked + 2);
  });

  test.each<Fault>([
    { kind: 'nonsense', contentType: 'audio/wav', body: 'this is no WAV' },
    { kind: 'silence' },
  ])('a line that begins with it is heard all the same: %j', async (fault) => {
    const { ada, guild, venice } = stage;
    const ears = ada.joinsVoice(guild.lounge) as Listener;
    onTestFinished(() => ada.leavesVoice());
    const asked = venice.requests.length;
    venice.faults.add('/audio/speech', fault);
    const answer = await ada.runs('say', { text: `Live, in spite of ${fault.kind}.` });
    await answer.until(({ text }) => text.includes('Spoken in'));
    expect(venice.requests).toHaveLength(asked + 2);
    await ears.hearsEnd();
    const { pcm: said = new Int16Array() } = venice.spoken().at(-1) ?? {};
    const end = halfRate(ears.decode()).toReversed();
    expect(likeness(end, said.toReversed())).toBeGreaterThan(0.9);
  });

  test('a line that drips is given up, and the next one is heard', async () => {
    const { ada, guild, venice } = stage;
    const ears = ada.joinsVoice(guild.lounge) as Listener;
    const ben = guild.addMember({ name: 'Ben' });
    ben.joinsVoice(guild.lounge);
    onTestFinished(() => {
      for (const member of [ada, ben]) member.leavesVoice();
    });
    venice.faults.add('/audio/speech', { kind: 'drip', afterBytes: 6_000, everyMs: 300 });
    const dripping = await ada.runs('say', {
      text: 'This comes drop by drop, if it comes at all.',
    });
    await ears.until(() => ears.speech().length > 0);
    const next = await ben.runs('say', { text: 'Now it is my turn.', voice: 'af_sky' });
    await dripping.until(({ text }) => text.includes('E_PROVIDER_DOWN'));
    await next.until(({ text }) => text.includes('Spoken in'));
  });

  /** In millionths of a dollar. */
  function spent(): number {
    const sqlite = new BetterSqlite(join(stage.bot.folder, 'myna.db'), { readonly: true });
    const row = sqlite.prepare('select sum(micro_usd) as total from ledger').get();
    sqlite.close();
    return (row as { total: number }).total;
  }

  test('a 503 that passes is not noticed', async () => {
    stage.venice.faults.add('/audio/speech', { kind: 'status', status: 503 }, 2);
    const answer = await stage.ada.runs('say', { text: 'Third time lucky.' });
    expect((await answer.done()).text).toContain('Posted as a file');
  });

  test.each(['reset', 'retry-after'] as const)(
    'a 429 that is over soon, as its %s says, is waited for',
    async (says) => {
      const { ada, venice } = stage;
      venice.overload(CHATTERBOX, 1_000, says);
      const answer = await ada.runs('say', { text: `Patience, by ${says}.` });
      expect((await answer.done()).text).toContain('Posted as a file');
      expect(venice.violations.list).toEqual([]);
    },
  );

  test('a 429 that says nothing holds back its own model, for half a minute', async () => {
    const { guild, venice } = stage;
    const gil = guild.addMember({ name: 'Gil' });
    await stage.clone(gil);
    onTestFinished(forget);
    venice.overload(CHATTERBOX, 20_000, 'nothing');
    for (const text of ['Busy.', 'Still busy.'])
      expect((await (await gil.runs('say', { text })).done()).text).toContain('E_PROVIDER_BUSY');
    expect(venice.violations.list).toEqual([]);
    const other = await gil.runs('say', { text: 'Not busy.', voice: 'af_sky' });
    expect((await other.done()).text).toContain('Posted as a file');
  });

  test('a 403 or 410 of one model is that model’s alone', async () => {
    const { guild, venice } = stage;
    const before = alarms('API key');
    const finn = guild.addMember({ name: 'Finn' });
    await stage.clone(finn);
    for (const status of [403, 410]) {
      venice.setModel(CHATTERBOX, status);
      const answer = await finn.runs('say', { text: `Refused with ${status}.` });
      expect((await answer.done()).text).toContain(
        `not let this bot use the model \`${CHATTERBOX}`,
      );
      expect((await (await answer.clicks('Use the stock voice')).done()).text).toContain('Posted');
      // Where it is the model of the stock voices, there is no way out to offer.
      venice.setModel('tts-kokoro', status);
      const stock = await finn.runs('say', { text: `Again ${status}.`, voice: 'af_sky' });
      expect(await stock.done()).toMatchObject({ buttons: [] });
      for (const model of [CHATTERBOX, 'tts-kokoro']) venice.setModel(model, undefined);
      const again = await finn.runs('say', { text: `Taken again after ${status}.` });
      expect((await again.done()).text).toContain('Posted as a file');
    }
    expect(alarms('API key')).toBe(before);
  });

  test('a 403 of the whole account is told as one', async () => {
    const { ada, venice } = stage;
    onTestFinished(forget);
    // The readiness call is asked once a minute, and was for the models above.
    await forget();
    const before = alarms('API key');
    venice.setPermitted(false);
    const answer = await ada.runs('say', { text: 'Nobody is let in.' });
    expect((await answer.done()).text).toContain('E_PROVIDER_ACCESS');
    await untilTold(() => alarms('API key') > before);
  });

  test('a 402 stops spending, and admins learn why', async () => {
    const { ada, venice } = stage;
    onTestFinished(forget);
    await forget();
    const before = alarms('spend limit');
    const say = async (text: string) => (await (await ada.runs('say', { text })).done()).text;
    venice.setBalance(0);
    expect(await say('Poor.')).toContain('E_PROVIDER_BALANCE');
    venice.setBalance(5);
    expect(await say('Rich again.')).toContain('Posted as a file');
    venice.setBalance(0);
    expect(await say('Poor again.')).toContain('E_PROVIDER_BALANCE');
    const asked = venice.requests.length;
    // The readiness call was asked just now: not even that is asked.
    expect(await say('Still poor.')).toContain('E_PROVIDER_BALANCE');
    expect(venice.requests).toHaveLength(asked);
    await untilTold(() => alarms('spend limit') === before + 1);
  });

  test('a voice refused without a reason is renewed once, is not muted, and its owner is told once', async () => {
    const { guild, venice } = stage;
    const eve = guild.addMember({ name: 'Eve' });
    await stage.clone(eve);
    const before = uploads();
    const say = async (text: string) => (await (await eve.runs('say', { text })).done()).text;
    const refuse = (calls: number) =>
      venice.faults.add('/audio/speech', { kind: 'status', status: 400, body: 'Bad' }, calls);
    const told = () => stage.toldTo(eve.id).filter((text) => text.includes('/clone')).length;
    refuse(2);
    expect(await say('No.')).toContain('E_VOICE_REFUSED');
    expect(uploads()).toBe(before + 1);
    expect(await say('Yes.')).toContain('Posted as a file');
    for (const text of ['No, one.', 'No, two.', 'No, three.', 'No, four.']) {
      refuse(1);
      expect(await say(text)).toContain('E_VOICE_REFUSED');
      if (text === 'No, two.') expect(told()).toBe(0);
      if (text === 'No, three.') await untilTold(() => told() === 1);
    }
    expect(uploads()).toBe(before + 1);
    expect(await say('Yes, at last.')).toContain('Posted as a file');
    expect(
      (await (await eve.runs('say', { text: 'Yes.', voice: 'af_sky' })).done()).text,
    ).toContain('Posted');
    expect(told()).toBe(1);
  });

  test('a model that is going to be retired is told ahead, once, and not called after', {
    timeout: 60_000,
  }, async () => {
    const { guild, venice } = stage;
    onTestFinished(async () => {
      venice.retire(CHATTERBOX, undefined);
      venice.setListed(CHATTERBOX, true);
      await forget();
    });
    const [ivy, gus, hal] = [
      guild.addMember({ name: 'Ivy' }),
      guild.addMember({ name: 'Gus' }),
      guild.addMember({ name: 'Hal' }),
    ];
    for (const member of [ivy, gus, hal]) await stage.clone(member);
    hal.user.refusesMessages = true;
    const say = async (member: typeof gus, text: string) =>
      (await (await member.runs('say', { text })).done()).text;
    const goesAt = Math.ceil(Date.now() / 1000) * 1000 + 10 * DAY_MS;
    const date = `<t:${goesAt / 1000}`;
    const notes = ({ id }: typeof gus) =>
      stage.toldTo(id).filter((text) => text.includes(date)).length;
    const before = alarms(date);
    venice.retire(CHATTERBOX, goesAt);
    await forget();
    // Who cloned last is written to first, and then nobody for some seconds.
    await untilTold(() => alarms(date) === before + 1 && notes(gus) === 1);
    expect(notes(ivy)).toBe(0);
    const [known, news] = await Promise.all([
      say(gus, 'I know already.'),
      say(hal, 'The first line of the last days.'),
    ]);
    expect(known).not.toContain(date);
    expect(news).toContain(date);
    await forget();
    await untilTold(() => notes(ivy) === 1);
    expect([alarms(date), notes(gus), notes(hal)]).toEqual([before + 1, 1, 0]);
    expect(await say(hal, 'The second line of the last days.')).not.toContain(date);
    const goneAt = Math.floor(Date.now() / 1000) * 1000;
    venice.retire(CHATTERBOX, goneAt);
    await forget();
    const asked = venice.spoken().length;
    const isNamed = `which the provider retired <t:${goneAt / 1000}`;
    expect(await say(gus, 'Too late.')).toContain(isNamed);
    venice.setListed(CHATTERBOX, false);
    await forget();
    const gone = await gus.runs('say', { text: 'Much too late.' });
    expect((await gone.done()).text).toContain(isNamed);
    expect(venice.spoken()).toHaveLength(asked);
    expect((await (await gone.clicks('Use the stock voice')).done()).text).toContain('Posted');
  });

  test('a handle that lapsed is renewed without the member noticing', async () => {
    const { ada, venice } = stage;
    const before = uploads();
    venice.advance(8 * DAY_MS);
    const answer = await ada.runs('say', { text: 'Good morning after a long night.' });
    expect((await answer.done()).text).toContain('Posted as a file');
    expect(uploads()).toBe(before + 1);
    const bytes = venice.uploads().map(({ upload }) => Buffer.from(upload?.bytes ?? []));
    expect(bytes[0]?.equals(bytes.at(-1) ?? Buffer.alloc(0))).toBe(true);
    await (await ada.runs('say', { text: 'And again.' })).done();
    expect(uploads()).toBe(before + 1);
    // By the bot's own clock too, over a restart: then the provider is not even asked with it.
    await stage.bot.stop('SIGTERM');
    const sqlite = new BetterSqlite(join(stage.bot.folder, 'myna.db'));
    sqlite.prepare('update voice set expires_at = ?').run(Date.now() - 1);
    sqlite.close();
    await stage.restart();
    const failures = venice.failuresInWindow();
    expect((await (await ada.runs('say', { text: 'Morning.' })).done()).text).toContain('Posted');
    expect(uploads()).toBe(before + 2);
    expect(venice.failuresInWindow()).toBe(failures);
  });

  test('a handle that lapsed and cannot be renewed is told, with a way on; no other voice speaks', async () => {
    const { guild, discord, venice } = stage;
    const bob = guild.addMember({ name: 'Bob' });
    const sample = discord.attach(stage.recording(), 'me.wav');
    const clone = await bob.runs('clone', { sample });
    await clone.done();
    const off = await clone.clicks('Keep my recording');
    await off.done();
    await (await off.clicks('I agree')).until(({ text }) => text.includes('is ready'));
    venice.advance(8 * DAY_MS);
    const spoken = venice.spoken().length;
    const answer = await bob.runs('say', { text: 'Am I still here?' });
    expect((await answer.done()).text).toContain('E_VOICE_LAPSED');
    expect(venice.spoken()).toHaveLength(spoken);
    expect((await (await answer.clicks('Use the stock voice')).done()).text).toContain(
      'Posted as a file',
    );
  });

  test('a recording that the provider no longer takes is what is blamed, not the words', async () => {
    const { guild, venice } = stage;
    const cleo = guild.addMember({ name: 'Cleo' });
    await stage.clone(cleo);
    venice.advance(8 * DAY_MS);
    venice.faults.add('/audio/voices', { kind: 'status', status: 422 });
    const answer = await cleo.runs('say', { text: 'Perfectly good words.' });
    expect((await answer.done()).text).toContain('no longer takes its recording');
    expect((await (await answer.clicks('Use the stock voice')).done()).text).toContain('Posted');
  });

  test('errors while cloning are told, and no voice is kept', async () => {
    const { guild, discord, venice } = stage;
    onTestFinished(forget);
    const sample = discord.attach(stage.recording(), 'me.wav');
    const cases = [
      [413, 'E_PROVIDER_BIG'],
      [415, 'E_PROVIDER_REJECTED'],
      [422, 'E_PROVIDER_REJECTED'],
      [500, 'E_PROVIDER_DOWN'],
      [401, 'E_PROVIDER_ACCESS'],
    ] as const;
    for (const [status, code] of cases) {
      const member = guild.addMember({ name: `Cloner ${status}` });
      venice.faults.add('/audio/voices', { kind: 'status', status }, 2);
      const answer = await member.runs('clone', { sample });
      await answer.done();
      const agreed = await answer.clicks('I agree');
      expect((await agreed.until(({ text }) => text.includes('E_'))).text).toContain(code);
      expect((await (await member.runs('voices list')).done()).text).toContain('E_VOICE_MISSING');
      venice.faults.clear();
    }
  });

  test('hostile input fails at most twelve times in half a minute', {
    timeout: 60_000,
  }, async () => {
    const { guild, venice } = stage;
    onTestFinished(forget);
    venice.faults.add('/audio/speech', { kind: 'status', status: 422 }, 100);
    const members = Array.from({ length: 20 }, (_, index) =>
      guild.addMember({ name: `M${index}` }),
    );
    const before = venice.failuresInWindow();
    const answers = await Promise.all(
      members.map((member) => member.runs('say', { text: 'Bad.', voice: 'af_sky' })),
    );
    const texts = await Promise.all(
      answers.map(async (answer) => (await answer.done({ timeoutMs: 40_000 })).text),
    );
    expect(texts.every((text) => /E_PROVIDER_(REJECTED|DOWN|BUSY)/.test(text))).toBe(true);
    expect(venice.failuresInWindow() - before).toBeLessThanOrEqual(12);
  });

  test('models that cannot be read: the bot starts and clones with what the guide promises', async () => {
    const { guild, venice } = stage;
    onTestFinished(forget);
    venice.faults.add('/models', { kind: 'status', status: 500 }, 3);
    await stage.bot.stop('SIGKILL');
    await stage.restart();
    const dan = guild.addMember({ name: 'Dan' });
    await stage.clone(dan);
    const answer = await dan.runs('say', { text: 'It works all the same.' });
    expect((await answer.done()).text).toContain('Posted as a file');
  });
});

describe.each([
  ['WAV', 'live', 'audio/wav', ['-f', 'wav']],
  ['mp3', 'guide', 'audio/mpeg', ENCODINGS['mp3']?.args ?? []],
] as const)('a provider that sends wrong %s', (_, face, contentType, args) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ venice: { face } });
    await stage.clone(stage.ada);
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const say = async (text: string) => (await (await stage.ada.runs('say', { text })).done()).text;

  test('rubbish by that name, again and again, is told; then the same line is asked for', async () => {
    const body = `this is no ${face}, whatever it is called`;
    stage.venice.faults.add('/audio/speech', { kind: 'nonsense', contentType, body }, 2);
    expect(await say('The same line.')).toContain('E_PROVIDER_BAD_AUDIO');
    expect(await say('The same line.')).toContain('Posted as a file');
  });

  test('most of a line left out: it is not believed, nor remembered, but asked again', async () => {
    const { converter, guild, synthesis, venice } = stage;
    const samples = synthesis.speak('This is').slice(0, SAMPLE_RATE * 0.25);
    const body = await converter.fromPcm({ sampleRate: SAMPLE_RATE, samples }, args);
    venice.faults.add('/audio/speech', { kind: 'nonsense', contentType, body }, 2);
    const [posts, spoken] = [guild.messages(guild.lobby).length, venice.spoken().length];
    expect(await say(READING)).toContain('E_PROVIDER_BAD_AUDIO');
    expect(guild.messages(guild.lobby)).toHaveLength(posts);
    expect(await say(READING)).toContain('Posted as a file');
    expect(venice.spoken()).toHaveLength(spoken + 1);
  });

  test.each<Fault>([{ kind: 'silence' }, { kind: 'end', afterBytes: 12_345 }])(
    'one that is no whole is asked for again: %j',
    async (fault) => {
      const { converter, guild, venice } = stage;
      const spoken = venice.spoken().length;
      venice.faults.add('/audio/speech', fault);
      expect(await say(`All of this, please, whatever is wrong with ${fault.kind}.`)).toContain(
        'Posted as a file',
      );
      const [file] = guild.messages(guild.lobby).at(-1)?.attachments ?? [];
      const heard = await converter.toPcm(file?.bytes ?? new Uint8Array());
      const { pcm: said = new Int16Array() } = venice.spoken().at(-1) ?? {};
      expect(likeness(heard.toReversed(), said.toReversed())).toBeGreaterThan(0.9);
      expect(venice.spoken()).toHaveLength(spoken + 2);
    },
  );
});
