import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLoudnessMeter } from '../../src/audio/loudness.ts';
import type { Member } from '../discord/people/member.ts';
import { expectContiguous } from '../discord/voice/expect-contiguous.ts';
import type { Listener } from '../discord/voice/listener.ts';
import type { VeniceOptions } from '../venice/server.ts';
import { joinSamples, SAMPLE_RATE } from '../venice/synthesis.ts';
import { halfRate, likeness } from './sound.ts';
import { READING, type Stage, setStage } from './stage.ts';

const FACES: readonly (readonly [string, VeniceOptions])[] = [
  ['a provider that offers only WAV', { face: 'live' }],
  ['a provider that offers every format', { face: 'guide' }],
  [
    'a provider that streams WAV without knowing its length',
    { face: 'live', wavLength: 'endless' },
  ],
];

describe.each(FACES)('speaking through %s', (_, venice) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ venice });
    await stage.clone(stage.ada);
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test('/say posts an mp3 of what the provider said, with its disclosure and tags', async () => {
    const { ada, guild, converter } = stage;
    const answer = await ada.runs('say', {
      text: 'Good morning, everybody. This is my own voice.',
    });
    expect((await answer.done()).text).toContain('https://discord.com/channels/');
    const post = guild.messages(guild.lobby).at(-1);
    expect(post?.content).toBe(`🤖 AI voice of <@${ada.id}>`);
    const [file] = post?.attachments ?? [];
    expect(file?.filename).toMatch(/^ai-voice-[0-9a-z]{10}\.mp3$/);
    expect(file?.contentType).toBe('audio/mpeg');
    const bytes = file?.bytes ?? new Uint8Array();
    expect(Buffer.from(bytes).toString('latin1')).toContain('AI_GENERATED');
    const heard = await converter.toPcm(bytes);
    expect(likeness(heard, lastSaid(stage))).toBeGreaterThan(0.95);
    expect(Math.abs(heard.length - lastSaid(stage).length)).toBeLessThan(SAMPLE_RATE / 5);
  });

  test.each(['ogg', 'wav', 'flac'])('/say format: %s posts that', async (format) => {
    const { ada, guild, converter } = stage;
    await (await ada.runs('say', { text: 'In another format, please.', format })).done();
    const [file] = guild.messages(guild.lobby).at(-1)?.attachments ?? [];
    expect(file?.filename).toMatch(new RegExp(`\\.${format}$`));
    expect(file?.contentType).toBe(`audio/${format}`);
    const heard = await converter.toPcm(file?.bytes ?? new Uint8Array());
    expect(likeness(heard, lastSaid(stage))).toBeGreaterThan(0.9);
  });

  test('/say output: message posts a native voice message, its disclosure before it', async () => {
    const { ada, guild, converter } = stage;
    await (await ada.runs('say', { text: 'This one plays inline.', output: 'message' })).done();
    const [disclosure, message] = guild.messages(guild.lobby).slice(-2);
    expect(disclosure?.content).toContain(`AI voice of <@${ada.id}>`);
    expect(message?.isVoiceMessage).toBe(true);
    const [file] = message?.attachments ?? [];
    expect(file?.contentType).toBe('audio/ogg');
    expect(file?.seconds).toBeCloseTo(lastSaid(stage).length / SAMPLE_RATE, 1);
    const bars = Buffer.from(file?.waveform ?? '', 'base64');
    expect(bars.length).toBeGreaterThan(0);
    expect(bars.length).toBeLessThanOrEqual(256);
    const heard = await converter.toPcm(file?.bytes ?? new Uint8Array());
    expect(likeness(heard, lastSaid(stage))).toBeGreaterThan(0.9);
  });

  test('/say in a voice channel is heard there, whole, encrypted end to end', async () => {
    const { ada, guild } = stage;
    const ears = ada.joinsVoice(guild.lounge) as Listener;
    const answer = await ada.runs('say', {
      text: 'Now I am speaking live. Can you hear me? I hope so.',
    });
    expect((await answer.done()).text).toContain('Spoken in');
    await ears.hearsEnd();
    const said = lastSaid(stage);
    expect(ears.undecodable).toBe(0);
    expect(ears.speech().every(({ wasEncrypted }) => wasEncrypted)).toBe(true);
    expectContiguous(ears);
    const heard = halfRate(ears.decode());
    expect(likeness(heard, said)).toBeGreaterThan(0.9);
    expect(likeness(heard.toReversed(), said.toReversed())).toBeGreaterThan(0.9);
    // Whole frames, and one that pushes out what the codec holds back.
    expect(ears.speech()).toHaveLength(Math.ceil(said.length / (SAMPLE_RATE / 50)) + 1);
    const chat = guild.messages(guild.lounge).map(({ content }) => content);
    expect(chat.filter((content) => content.includes(`AI voice of <@${ada.id}>`))).toHaveLength(1);
    ada.leavesVoice();
  });

  test('a long file is one file of all its pieces', async () => {
    const { ada, guild, venice, converter } = stage;
    const before = venice.spoken().length;
    await (await ada.runs('say', { text: `${READING} ${READING}`, output: 'file' })).done();
    const pieces = venice.spoken().slice(before);
    expect(pieces).toHaveLength(2);
    const said = joinSamples(pieces.map(({ pcm = new Int16Array() }) => pcm));
    const [file] = guild.messages(guild.lobby).at(-1)?.attachments ?? [];
    const heard = await converter.toPcm(file?.bytes ?? new Uint8Array());
    expect(Math.abs(heard.length - said.length)).toBeLessThan(SAMPLE_RATE / 5);
    for (const at of [0, said.length - SAMPLE_RATE])
      expect(likeness(heard.subarray(at), said.subarray(at))).toBeGreaterThan(0.9);
  });

  test('it was always the voice that was asked for', () => {
    const handles = [...stage.venice.handles.keys()];
    const voices = stage.venice.spoken().map(({ json }) => json?.['voice']);
    expect(new Set(voices)).toEqual(new Set(handles));
  });
});

describe('options of /say', () => {
  let stage: Stage;
  let admin: Member;
  /** Who speaks live: one member alone would send too many lines in a short time. */
  let bea: Member;
  beforeAll(async () => {
    stage = await setStage({ venice: { requestsPerMinute: 600 } });
    admin = stage.guild.addMember({ name: 'Admin', permissions: ['ManageGuild'] });
    await (await admin.runs('admin limits', { lines_per_minute: 60 })).done();
    bea = stage.guild.addMember({ name: 'Bea' });
    await stage.clone(stage.ada, 'Studio');
    await stage.clone(bea, 'Studio');
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test('what acts on a model reaches it, and what does not is told', async () => {
    const { ada, venice } = stage;
    const say = async (options: Parameters<Member['runs']>[1]) =>
      (await (await ada.runs('say', options)).done()).text;
    const manner = { text: 'Faster and livelier.', speed: 1.5, temperature: 0.8 };
    const own = await say({ ...manner, voice: 'STUDIO' });
    expect(own).toContain("`speed` had no effect: this voice's model");
    expect(own).not.toContain('`temperature`');
    expect(venice.requests.at(-1)?.json).toMatchObject({ temperature: 0.8 });
    expect(venice.requests.at(-1)?.json).not.toHaveProperty('speed');
    const stock = await say({ ...manner, voice: 'af_sky' });
    expect(stock).toContain('`temperature` had no effect');
    expect(stock).not.toContain('`speed`');
    expect(venice.requests.at(-1)?.json).toMatchObject({ speed: 1.5 });
    expect(venice.requests.at(-1)?.json).not.toHaveProperty('temperature');
    // What does not act makes no other sound: it is remembered as the same, and told all the same.
    const asked = venice.requests.length;
    expect(await say({ ...manner, voice: 'STUDIO', speed: 2 })).toContain('`speed` had no effect');
    expect(venice.requests).toHaveLength(asked);
  });

  test('a line that is repeated is heard again at once, for free', async () => {
    const { ada, guild, venice, converter } = stage;
    const spent = async () =>
      /here: today (\S+)/.exec((await (await admin.runs('admin status')).done()).text)?.[1];
    const say = async (options: object) => {
      await (await ada.runs('say', { text: 'Once more with feeling.', ...options })).done();
      return guild.messages(guild.lobby).at(-1)?.attachments[0]?.bytes ?? new Uint8Array();
    };
    const first = await say({ format: 'wav' });
    const meter = createLoudnessMeter(SAMPLE_RATE);
    meter.add(await converter.toPcm(first));
    expect(Math.abs((meter.read() ?? 0) + 16)).toBeLessThan(1);
    const [asked, paid] = [venice.spoken().length, await spent()];
    expect(await say({ format: 'wav' })).toHaveLength(first.length);
    expect(await say({ format: 'flac' })).not.toHaveLength(0);
    const ears = ada.joinsVoice(guild.lounge) as Listener;
    await say({ output: 'voice' });
    await ears.hearsEnd();
    expect(likeness(halfRate(ears.decode()), lastSaid(stage))).toBeGreaterThan(0.9);
    await (await ada.runs('leave')).done();
    ada.leavesVoice();
    expect(venice.spoken()).toHaveLength(asked);
    expect(await spent()).toBe(paid);
    await say({ format: 'wav', temperature: 0.3 });
    expect(venice.spoken()).toHaveLength(asked + 1);
  });

  test('a file that is too large for Discord is offered as mp3', async () => {
    const { ada, guild } = stage;
    await (await admin.runs('admin limits', { text: 4000 })).done();
    // Five minutes of it.
    const text = Array(12).fill(READING).join(' ');
    const answer = await ada.runs('say', { text, voice: 'af_sky', speed: 0.25, format: 'wav' });
    expect((await answer.done({ timeoutMs: 60_000 })).text).toContain('The wav file is larger');
    const posted = await (await answer.clicks('Post as mp3')).done({ timeoutMs: 60_000 });
    expect(posted.text).toContain('Posted as a file');
    const [file] = guild.messages(guild.lobby).at(-1)?.attachments ?? [];
    expect(file?.filename).toMatch(/\.mp3$/);
  });

  test('a stock voice is used when it is asked for, and disclosed as such', async () => {
    const { ada, guild, venice } = stage;
    await (
      await ada.runs('say', { text: 'A stock voice speaks.', voice: 'Sky (American, female)' })
    ).done();
    expect(venice.requests.at(-1)?.json).toMatchObject({ model: 'tts-kokoro', voice: 'af_sky' });
    expect(guild.messages(guild.lobby).at(-1)?.content).toContain(
      'stock voice `Sky (American, female)`',
    );
  });

  test('autocomplete offers own voices first, then stock voices', async () => {
    const choices = await stage.ada.completes('say', 'voice', '');
    expect(choices[0]?.name).toBe('Studio');
    expect(choices.some(({ name }) => name === 'Sky (American, female)')).toBe(true);
    expect(await stage.ada.completes('say', 'voice', 'emm')).toHaveLength(1);
  });

  test('without a voice of their own a member is offered a stock voice, and decides', async () => {
    const bob = stage.guild.addMember({ name: 'Bob' });
    const answer = await bob.runs('say', { text: 'I have no voice yet.' });
    expect((await answer.done()).text).toContain('E_VOICE_MISSING');
    expect(stage.venice.requests.at(-1)?.json?.['input']).not.toContain('no voice yet');
    const once = await answer.clicks('Use the stock voice');
    expect((await once.done()).text).toContain('Posted as a file');
    expect(stage.venice.requests.at(-1)?.json).toMatchObject({ model: 'tts-kokoro' });
  });

  test('output: voice outside a channel says so and offers a file', async () => {
    const answer = await stage.ada.runs('say', { text: 'Where am I?', output: 'voice' });
    expect((await answer.done()).text).toContain('E_JOIN_VOICE');
    expect((await (await answer.clicks('Post as file')).done()).text).toContain('Posted as a file');
  });

  test('lines queue, /queue shows them, /skip and /stop take them away', async () => {
    const { guild } = stage;
    bea.joinsVoice(guild.lounge);
    const long = await bea.runs('say', { text: READING });
    await guild.nextMessage(guild.lounge, ({ content }) => content.includes('AI voice of'));
    const second = await bea.runs('say', { text: READING, voice: 'af_sky', speed: 4 });
    await second.until(({ text }) => /1 before you, about 1[0-2] seconds/.test(text));
    const queue = await (await bea.runs('queue')).done();
    expect(queue.text).toMatch(/\*\*now\*\*.*Studio.*12 seconds[\s\S]*1\..*Sky.* 3 seconds/);
    expect((await (await bea.runs('skip')).done()).text).toContain('Skipped');
    expect((await long.done()).text).toContain('skipped');
    expect((await (await bea.runs('stop')).done()).text).toContain('Stopped');
    expect((await second.until(({ text }) => text.includes('stopped'))).text).toContain('stopped');
    const third = await bea.runs('say', { text: READING });
    const cancelling = await bea.runs('queue');
    await cancelling.done();
    expect((await (await cancelling.clicks('Cancel mine')).done()).text).toBe(
      'Cancelled one line of yours.',
    );
    expect((await third.done()).text).toContain('stopped');
    expect((await (await bea.runs('leave')).done()).text).toContain('I have left');
    bea.leavesVoice();
  });

  test('a member is heard in the order they typed, also if Discord acknowledges in another', async () => {
    const { ada, guild, discord, venice } = stage;
    bea.joinsVoice(guild.lounge);
    const held = discord.rest.hold({ method: 'POST', path: '/callback' });
    const first = await bea.runs('say', { text: 'This was typed first.' });
    const second = await bea.runs('say', { text: 'This was typed after it.', voice: 'af_sky' });
    await second.acked();
    // Time enough for the second one to be queued, if it were not to wait.
    await (await ada.runs('say', { text: 'Meanwhile.', output: 'file' })).done();
    held.letGo();
    for (const line of [first, second])
      await line.until(({ text }) => text.startsWith('Spoken in'));
    const spoken = venice.spoken().slice(-3);
    expect(spoken.map(({ json }) => json?.['input'])).toEqual([
      'Meanwhile.',
      'This was typed first.',
      'This was typed after it.',
    ]);
    await (await bea.runs('leave')).done();
    bea.leavesVoice();
  });

  test('who speaks for long is told that they are heard, and how to end it', async () => {
    const { guild } = stage;
    const ears = bea.joinsVoice(guild.lounge) as Listener;
    const answer = await bea.runs('say', { text: `${READING} ${READING}` });
    expect((await answer.done()).text).toBe(
      `You are heard in <#${guild.lounge.id}> as \`Studio\`. \`/stop\` ends it.`,
    );
    expect(ears.packets.length).toBeGreaterThan(0);
    await (await bea.runs('stop')).done();
    await answer.until(({ text }) => text === 'Your line was stopped.');
    await (await bea.runs('leave')).done();
    bea.leavesVoice();
  });

  test('a speaker whose name could not be told is named with their next line, once', async () => {
    const { guild, discord, bot } = stage;
    const { lounge } = guild;
    const isName = ({ content }: { content: string }) => content.includes('AI voice of');
    const names = () => guild.messages(lounge).filter(isName).length;
    const say = async () => {
      const answer = await bea.runs('say', { text: 'Who is it?' });
      expect((await answer.done()).text).toContain('Spoken in');
    };
    bea.joinsVoice(lounge);
    await (await bea.runs('join')).done();
    const before = names();
    const path = `/channels/${lounge.id}/messages`;
    discord.rest.fail({ method: 'POST', path, says: 'AI voice of', status: 403 });
    await say();
    await bot.line(({ msg }) => msg === 'the chat of the voice channel could not be told');
    const named = guild.nextMessage(lounge, isName);
    await say();
    await named;
    await say();
    expect(names()).toBe(before + 1);
    await (await bea.runs('leave')).done();
    bea.leavesVoice();
  });

  test('a long line is heard sentence by sentence, whole and in order', async () => {
    const { guild, venice } = stage;
    const ears = bea.joinsVoice(guild.lounge) as Listener;
    const before = venice.spoken().length;
    const text = `${READING} And then we all went home, because it was late and we were tired.`;
    const answer = await bea.runs('say', { text, voice: 'af_sky', speed: 2 });
    // The only answer: a line of eight seconds is not worth two.
    expect((await answer.done()).text).toContain('Spoken in');
    await ears.hearsEnd();
    const pieces = venice.spoken().slice(before);
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.map(({ json }) => json?.['input']).join(' ')).toBe(text);
    expectContiguous(ears);
    const said = joinSamples(pieces.map(({ pcm = new Int16Array() }) => pcm));
    const heard = halfRate(ears.decode());
    // Each second of it lies where it should, from the first to the last.
    for (let at = 0; at + SAMPLE_RATE < said.length; at += SAMPLE_RATE)
      expect(likeness(heard.subarray(at), said.subarray(at, at + SAMPLE_RATE))).toBeGreaterThan(
        0.9,
      );
    expect(ears.speech()).toHaveLength(Math.ceil(said.length / (SAMPLE_RATE / 50)) + 1);
    bea.leavesVoice();
  });
});

function lastSaid({ venice }: Stage): Int16Array {
  return venice.spoken().at(-1)?.pcm ?? new Int16Array();
}
