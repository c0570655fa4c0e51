import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CdnFault } from '../discord/cdn.ts';
import type { Member } from '../discord/people/member.ts';
import type { Attached } from '../discord/people/options.ts';
import { SAMPLE_RATE } from '../venice/synthesis.ts';
import { READING, type Stage, setStage } from './stage.ts';

let stage: Stage;
let mia: Member;

beforeAll(async () => {
  // Rates are not what is tested here; the members of this file send a lot.
  stage = await setStage({ env: { BUDGET_USD_PER_DAY: '100' } });
  mia = stage.guild.addMember({ name: 'Mia', permissions: ['ManageGuild'] });
  await (await mia.runs('admin limits', { lines_per_minute: 60 })).done();
  await stage.clone(mia);
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Exactly one final answer, with that code, in private, and no word to the provider. */
async function expectRefusal(run: () => ReturnType<Member['runs']>, code: string): Promise<void> {
  const { guild, venice } = stage;
  const [asked, posted] = [venice.requests.length, guild.messages(guild.lobby).length];
  const answer = await run();
  const message = await answer.done();
  expect(message.text).toContain(code);
  expect((await answer.acked()).isEphemeral).toBe(true);
  expect(answer.callbacks).toHaveLength(1);
  expect(answer.followUps()).toHaveLength(0);
  expect(venice.requests).toHaveLength(asked);
  expect(guild.messages(guild.lobby)).toHaveLength(posted);
}

/** Members take turns, so that nobody meets the limit of lines. */
let turn = 0;
async function speaker(): Promise<Member> {
  turn += 1;
  return stage.guild.addMember({ name: `Speaker ${turn}` });
}

describe('text that cannot be spoken', () => {
  test.each([
    ['spaces only', '   \n\t ', 'E_TEXT_EMPTY'],
    ['zero-width only', '\u200b\u200d\ufeff', 'E_TEXT_EMPTY'],
    ['bidirectional marks only', '\u202e\u2066\u2069', 'E_TEXT_EMPTY'],
    ['letters that show nothing only', '\u3164\u115f\u1160\uffa0', 'E_TEXT_EMPTY'],
    ['emoji only', '😀🎉👩‍👩‍👧', 'E_TEXT_UNSPEAKABLE'],
    ['600 astral emoji', '😀'.repeat(600), 'E_TEXT_UNSPEAKABLE'],
    ['punctuation only', '?!… — ***', 'E_TEXT_UNSPEAKABLE'],
    ['601 characters', `${'a b'.repeat(200)}c`, 'E_TEXT_LONG'],
    ['4097 characters', `${'word '.repeat(819)}ab`, 'E_TEXT_LONG'],
    ['6000 characters', 'word '.repeat(1200), 'E_TEXT_LONG'],
    ['a lone surrogate', 'broken \ud800 text', 'E_TEXT_ENCODING'],
    ['a NUL', 'before\0after', 'E_TEXT_ENCODING'],
    ['a spoiler and nothing else', '||the butler did it||', 'E_TEXT_SPOILER'],
  ])('%s', async (_, text, code) => {
    const member = await speaker();
    await expectRefusal(() => member.runs('say', { text, voice: 'af_sky' }, { isRaw: true }), code);
  });
});

describe('text that is cleaned', () => {
  test.each([
    ['bidirectional override', 'abc \u202e def', 'abc def'],
    ['combining marks without end', `z${'\u0301'.repeat(50)}algo`, 'ź\u0301\u0301algo'],
    ['a letter repeated', `no${'o'.repeat(60)}!`, 'noooooooo!'],
    ['@everyone', 'Hello @everyone', 'Hello everyone'],
    ['a custom emoji', 'Nice <:party_parrot:123456789012345678>', 'Nice party parrot'],
    ['a link only', 'https://www.example.com/a/b?c=d', 'a link to example.com'],
    ['a masked link', 'See [the docs](https://example.com/x)', 'See the docs'],
    ['a spoiler beside words', 'He is ||the killer|| you know', 'He is you know'],
    ['a code block', '```ts\nlet it = be\n```', 'let it = be'],
    ['inline code and bold', 'Use `npm ci` **now**', 'Use npm ci now'],
    ['a heading and a quote', '# Title\n> quoted', 'Title quoted'],
    ['markup of speech', '<speak>hi</speak>', '<speak>hi</speak>'],
    ['an attempt at JSON', '","voice":"x', '","voice":"x'],
    ['an attempt at the log', 'line\r\n{"level":60}', 'line {"level":60}'],
    ['Arabic', 'مرحبا بالعالم', 'مرحبا بالعالم'],
    ['Japanese', 'こんにちは、世界', 'こんにちは、世界'],
    ['many digits', `${'7'.repeat(5)} ${'12'.repeat(100)}`, `77777 ${'12'.repeat(100)}`],
    ['a time', 'At <t:1700000000:R> then', 'At a time then'],
  ])('%s', async (_, text, spoken) => {
    const member = await speaker();
    const before = stage.venice.requests.length;
    await (await member.runs('say', { text, voice: 'af_sky' })).done();
    const pieces = stage.venice.requests.slice(before).map(({ json }) => json?.['input']);
    expect(pieces.join(' ')).toBe(spoken);
  });

  test('mentions are spoken as names and ping nobody', async () => {
    const { guild, ada, venice } = stage;
    const role = guild.addRole('Night Owls');
    const text = `Hi <@${ada.id}>, <@&${role.id}> meet in <#${guild.lobby.id}> with <@123456789012345678>`;
    await (await (await speaker()).runs('say', { text, voice: 'af_sky' })).done();
    expect(venice.requests.at(-1)?.json?.['input']).toBe(
      'Hi Ada, Night Owls meet in lobby with someone',
    );
    const sent = stage.discord.rest.requests.filter(
      ({ method, path }) => method !== 'GET' && /messages|webhooks/.test(path),
    );
    for (const { body } of sent)
      expect(JSON.stringify(body)).toContain('"allowed_mentions":{"parse":[]');
    for (const message of guild.lobby.messages.values()) expect(message.json.mentions).toEqual([]);
  });
});

describe('options that make no sense', () => {
  test.each([
    ['an unknown voice', { voice: 'Nobody' }, 'E_VOICE_NONE'],
    ['a raw handle', { voice: 'vv_0123456789abcdef' }, 'E_VOICE_NONE'],
    ['a name of two voices', { voice: 'santa' }, 'E_VOICE_AMBIGUOUS'],
    ['speed 0', { speed: 0 }, 'E_OPT_RANGE'],
    ['speed 99', { speed: 99 }, 'E_OPT_RANGE'],
    ['temperature -1', { temperature: -1 }, 'E_OPT_RANGE'],
    ['an unknown output', { output: 'loud' }, 'E_OPT_VALUE'],
    ['an unknown format', { format: 'exe' }, 'E_OPT_VALUE'],
    ['voice without being in a channel', { output: 'voice' }, 'E_JOIN_VOICE'],
  ])('%s', async (_, options, code) => {
    await expectRefusal(
      () => mia.runs('say', { text: 'Hello there.', ...options }, { isRaw: true }),
      code,
    );
  });
});

describe('places and people that may not', () => {
  test('a channel that is neither named nor joined', async () => {
    const answer = await mia.runs('join');
    expect((await answer.done()).text).toMatch(/E_JOIN_VOICE/);
    expect((await answer.done()).text).toContain('name a `channel`');
  });

  test('a server command in direct messages', async () => {
    const data = {
      id: '1',
      name: 'say',
      type: 1,
      options: [{ name: 'text', type: 3, value: 'Hi there' }],
    };
    await expectRefusal(() => mia.dm.runs('say', {}, { data }), 'E_GUILD_ONLY');
  });

  test('no right to attach files or send voice messages', async () => {
    const { guild } = stage;
    const den = guild.addChannel('text', 'den');
    const nora = guild.addMember({ name: 'Nora' });
    guild.deny(den, nora.id, 'member', ['AttachFiles', 'SendVoiceMessages']);
    const say = (options: object) => () =>
      nora.runs('say', { text: 'Hi there', voice: 'af_sky', ...options }, { channel: den });
    await expectRefusal(say({}), 'E_MEMBER_PERMS');
    await expectRefusal(say({ output: 'message' }), 'Send Voice Messages');
    guild.deny(den, guild.id, 'role', ['SendMessages']);
    await expectRefusal(say({}), 'Send Messages');
  });

  test('the bot lacks a right, and says which and where', async () => {
    const { guild, discord } = stage;
    const attic = guild.addChannel('text', 'attic');
    guild.deny(attic, discord.world.bot.id, 'member', ['AttachFiles']);
    await expectRefusal(
      () => mia.runs('say', { text: 'Hi there' }, { channel: attic }),
      'E_BOT_PERMS',
    );
    const refused = await mia.runs('say', { text: 'Hi there' }, { channel: attic });
    expect((await refused.done()).buttons).toEqual([]);
    // A voice message needs a right of its own, and only that.
    const spoken = await mia.runs('say', { text: 'Hi', output: 'message' }, { channel: attic });
    expect((await spoken.done()).text).toContain('Posted as a voice message');
    const vault = guild.addChannel('voice', 'Vault');
    guild.deny(vault, discord.world.bot.id, 'member', ['Speak']);
    mia.joinsVoice(vault);
    await expectRefusal(() => mia.runs('say', { text: 'Hi there' }), `**Speak** in <#${vault.id}>`);
    mia.leavesVoice();
  });

  test('a full channel, the audience of a stage, the channel for those away, a mute by the server, a time-out', async () => {
    const { guild } = stage;
    const closet = guild.addChannel('voice', 'Closet', { userLimit: 1 });
    mia.joinsVoice(closet);
    await expectRefusal(() => mia.runs('say', { text: 'Hi there' }), 'E_CHANNEL_FULL');
    mia.joinsVoice(guild.addChannel('stage', 'Stage'));
    await expectRefusal(() => mia.runs('say', { text: 'Hi there' }), 'not a speaker of that stage');
    const away = guild.addChannel('voice', 'Away');
    guild.putsAwayTo(away);
    mia.joinsVoice(away);
    await expectRefusal(() => mia.runs('say', { text: 'Hi there' }), 'members who are away');
    mia.joinsVoice(guild.lounge);
    mia.isMutedByServer(true);
    await expectRefusal(() => mia.runs('say', { text: 'Hi there' }), 'E_NOT_ALLOWED');
    mia.leavesVoice();
    const tom = guild.addMember({ name: 'Tom' });
    if (tom.membership) tom.membership.timedOutUntil = Date.now() + 60_000;
    await expectRefusal(
      () => tom.runs('say', { text: 'Hi there', voice: 'af_sky' }),
      'E_NOT_ALLOWED',
    );
  });

  test('/join into a text channel or one of nowhere', async () => {
    const { guild } = stage;
    await expectRefusal(() => mia.runs('join', { channel: guild.lobby.id }), 'E_CHANNEL_TYPE');
    await expectRefusal(() => mia.runs('leave'), 'E_NOT_IN_VOICE');
    await expectRefusal(() => mia.runs('skip'), 'E_NOTHING_TO_SKIP');
    await expectRefusal(() => mia.runs('stop'), 'E_NOTHING_TO_SKIP');
  });

  test('slow mode counts what was posted for a member', async () => {
    const { guild } = stage;
    const slow = guild.addChannel('text', 'slow', { slowModeSeconds: 60 });
    const sam = guild.addMember({ name: 'Sam' });
    const say = () => sam.runs('say', { text: 'Hi there', voice: 'af_sky' }, { channel: slow });
    expect((await (await say()).done()).text).toContain('Posted');
    await expectRefusal(say, 'slow mode');
  });

  test('an unknown, a forged and an old button', async () => {
    const card = await mia.runs('voices delete', { voice: 'Mia' });
    const asked = await card.done();
    const [message] = [...stage.guild.lobby.messages.values()].slice(-1);
    if (!message) throw new Error('There is no card');
    const press = async (customId: string) => {
      const answer = await mia.pressesRaw(message, customId);
      return (await answer.done()).text;
    };
    expect(await press('nonsense')).toContain('E_EXPIRED_BUTTON');
    expect(await press('voice-delete:AAAAAAAAAAAAAAAAAAAAAA')).toContain('E_NOT_YOURS');
    const [button] = asked.buttons;
    await press(button?.customId ?? '');
    expect(await press(button?.customId ?? '')).toContain('E_NOT_YOURS');
    await stage.clone(mia);
  });
});

describe('attachments that are no recording', () => {
  /** What a member is told in the end, who agrees where they are asked to. */
  async function offer(member: Member, sample: Attached): Promise<string> {
    const answer = await member.runs('clone', { sample, name: 'Odd' });
    const { buttons } = await answer.done();
    const isAsked = buttons.some(({ label }) => label.startsWith('I agree'));
    const ended = isAsked ? await answer.clicks('I agree') : answer;
    return (await ended.until(({ text }) => text.includes('E_'))).text;
  }
  const wav = (samples: Int16Array, sampleRate = SAMPLE_RATE) =>
    stage.converter.fromPcm({ sampleRate, samples }, ['-f', 'wav']);
  const talk = () => stage.synthesis.speak(READING, { voice: 'ada' });
  const cases: readonly (readonly [string, () => Promise<Uint8Array>, string])[] = [
    [
      'a picture as mp3',
      async () =>
        Buffer.from(
          'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
          'base64',
        ),
      'E_ATT_TYPE',
    ],
    ['an archive as wav', async () => Buffer.from('504b0304140000000800', 'hex'), 'E_ATT_TYPE'],
    [
      'a program as ogg',
      async () => Buffer.concat([Buffer.from('MZ'), Buffer.alloc(400)]),
      'E_ATT_TYPE',
    ],
    ['a page as mp3', async () => Buffer.from('<!doctype html><title>hi</title>'), 'E_ATT_TYPE'],
    [
      'a playlist',
      async () => Buffer.from('#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n'),
      'E_ATT_TYPE',
    ],
    [
      'an ffconcat script',
      async () => Buffer.from("ffconcat version 1.0\nfile '/etc/passwd'\n"),
      'E_ATT_TYPE',
    ],
    ['a manifest', async () => Buffer.from('<?xml version="1.0"?><MPD></MPD>'), 'E_ATT_TYPE'],
    [
      'a tune for synthesizers',
      async () => Buffer.from('4d546864000000060001000100604d54726b', 'hex'),
      'E_ATT_TYPE',
    ],
    [
      'random bytes',
      async () =>
        Uint8Array.from({ length: 5000 }, (_, index) => ((index * 7919 + 128) & 0xff) | 0x80),
      'E_AUDIO_DECODE',
    ],
    [
      'a WAV of rate zero',
      async () => {
        const bytes = Buffer.from(await wav(talk()));
        bytes.writeUInt32LE(0, 24);
        return bytes;
      },
      'E_AUDIO_DECODE',
    ],
    [
      'a WAV of a thousand channels',
      async () => {
        const bytes = Buffer.from(await wav(talk()));
        bytes.writeUInt16LE(1000, 22);
        return bytes;
      },
      'E_AUDIO_DECODE',
    ],
    ['three seconds', () => wav(talk().slice(0, SAMPLE_RATE * 3)), 'E_AUDIO_SHORT'],
    [
      'a cut mp3',
      async () =>
        (
          await stage.converter.fromPcm({ sampleRate: SAMPLE_RATE, samples: talk() }, ['-f', 'mp3'])
        ).slice(0, 20_000),
      'E_AUDIO_SHORT',
    ],
    ['ten seconds of silence', () => wav(new Int16Array(SAMPLE_RATE * 10)), 'E_AUDIO_SILENT'],
    [
      'ten hours of silence',
      async () =>
        stage.converter.convert(
          await wav(new Int16Array(SAMPLE_RATE)),
          ['-stream_loop', '3000', '-f', 'wav'],
          ['-f', 'flac'],
        ),
      'E_AUDIO_SILENT',
    ],
    [
      'a recording far too loud',
      () => wav(talk().map((value) => Math.max(-20_000, Math.min(20_000, value * 12)))),
      'E_AUDIO_CLIPPED',
    ],
    [
      'a film without sound',
      async () =>
        stage.converter.convert(
          new Uint8Array(64 * 64 * 30),
          ['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', '64x64'],
          ['-c:v', 'mpeg4', '-f', 'mp4'],
        ),
      'E_AUDIO_NONE',
    ],
  ];

  test.each(cases)('%s', async (_, make, code) => {
    const sample = stage.discord.attach(await make(), 'me.mp3');
    expect(await offer(await speaker(), sample)).toContain(code);
    expect(stage.venice.uploads()).toHaveLength(stage.venice.handles.size);
  });

  test('declared too large, or empty', async () => {
    const bytes = stage.recording();
    const large = stage.discord.attach(bytes, 'me.wav', { size: 27_262_976 });
    await expectRefusal(() => mia.runs('clone', { sample: large, name: 'Odd' }), 'E_ATT_BIG');
    const empty = stage.discord.attach(bytes, 'me.wav', { size: 0 });
    await expectRefusal(() => mia.runs('clone', { sample: empty, name: 'Odd' }), 'E_ATT_EMPTY');
  });

  test.each([['image/png'], ['text/plain; charset=utf-8'], ['application/pdf']])(
    'declared as %s: refused before anybody is asked to agree to anything',
    async (contentType) => {
      const member = await speaker();
      const sample = stage.discord.attach(stage.recording(), 'me.wav', { contentType });
      await expectRefusal(() => member.runs('clone', { sample }), 'E_ATT_TYPE');
    },
  );

  test.each([['video/ogg'], ['application/octet-stream'], ['application/ogg']])(
    'declared as %s, as recordings sometimes are: its owner is asked',
    async (contentType) => {
      const member = await speaker();
      const sample = stage.discord.attach(stage.recording(), 'me.wav', { contentType });
      const card = await (await member.runs('clone', { sample })).done();
      expect(card.buttons.some(({ label }) => label.startsWith('I agree'))).toBe(true);
    },
  );

  test.each<readonly [string, CdnFault, string]>([
    ['gone', { kind: 'missing' }, 'E_ATT_EXPIRED'],
    ['elsewhere', { kind: 'redirect', to: 'http://127.0.0.1:1/' }, 'E_ATT_HOST'],
    ['larger than it says', { kind: 'gzip-bomb', bytes: 50_000_000 }, 'E_ATT_BIG'],
    ['cut short', { kind: 'cut', afterBytes: 1000 }, 'E_ATT_EXPIRED'],
    ['stalled', { kind: 'stall', afterBytes: 1000 }, 'E_ATT_TIMEOUT'],
  ])('a file that is %s', async (_, fault, code) => {
    const sample = stage.discord.attach(stage.recording(), 'me.wav', { fault });
    expect(await offer(await speaker(), sample)).toContain(code);
  });

  test('ten of a member in an hour, whatever they delete meanwhile', async () => {
    const noah = await speaker();
    const sample = stage.discord.attach(Buffer.from('<!doctype html>'), 'me.mp3');
    for (let time = 0; time < 10; time += 1)
      expect(await offer(noah, sample)).toContain('E_ATT_TYPE');
    expect(await offer(noah, sample)).toMatch(/of no use within an hour.*<t:\d+:R>[\s\S]*E_RATE/);
    const deleting = await noah.runs('privacy delete');
    await deleting.done();
    await (await deleting.clicks('Delete everything')).done();
    expect(await offer(noah, sample)).toContain('E_RATE');
    expect(await offer(await speaker(), sample)).toContain('E_ATT_TYPE');
  });

  test('those that the provider refuses count with them, the faults of others do not', async () => {
    const { discord, venice } = stage;
    const kim = await speaker();
    const gone = discord.attach(stage.recording(), 'me.wav', { fault: { kind: 'missing' } });
    expect(await offer(kim, gone)).toContain('E_ATT_EXPIRED');
    const page = discord.attach(Buffer.from('<!doctype html>'), 'me.mp3');
    for (let time = 0; time < 7; time += 1) expect(await offer(kim, page)).toContain('E_ATT_TYPE');
    const before = venice.uploads().length;
    const sample = discord.attach(stage.recording(), 'me.wav');
    for (const status of [400, 413, 422]) {
      venice.faults.add('/audio/voices', { kind: 'status', status });
      expect(await offer(kim, sample)).toContain('E_PROVIDER_');
    }
    expect(await offer(kim, sample)).toContain('E_RATE');
    expect(venice.uploads()).toHaveLength(before + 3);
  });

  test('a file of another host is never fetched', async () => {
    const sample = stage.discord.attach(stage.recording(), 'me.wav', { isForeign: true });
    await expectRefusal(() => mia.runs('clone', { sample, name: 'Odd' }), 'E_ATT_HOST');
    expect(stage.discord.world.cdn.foreignHits()).toBe(0);
  });

  test('names of files and of voices are never trusted', async () => {
    const names = ['../../etc/passwd', '-i', 'a\u202egpj.wav', 'x'.repeat(512), 'two\nlines.wav'];
    for (const name of names) {
      const member = stage.guild.addMember({ name: 'Someone' });
      const sample = stage.discord.attach(stage.recording(), name);
      const answer = await member.runs('clone', { sample });
      await answer.done();
      await (await answer.clicks('I agree')).until(({ text }) => text.includes('is ready'));
    }
    const sample = stage.discord.attach(stage.recording(), 'me.wav');
    await expectRefusal(() => mia.runs('clone', { sample, name: '\u200b***' }), 'E_NAME_BAD');
    await expectRefusal(() => mia.runs('clone', { sample, model: 'tts-none' }), 'E_MODEL_NONE');
    await expectRefusal(() => mia.runs('clone', { sample, language: 'Klingon' }), 'E_OPT_VALUE');
  });
});
