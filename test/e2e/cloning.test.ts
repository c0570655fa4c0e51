import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Attached } from '../discord/people/options.ts';
import { SAMPLE_RATE } from '../venice/synthesis.ts';
import { likeness } from './sound.ts';
import { READING, type Stage, setStage } from './stage.ts';

/** What people really have, as FFmpeg makes it. */
const RECORDINGS: readonly (readonly [string, readonly string[]])[] = [
  ['wav', ['-f', 'wav']],
  ['mp3', ['-c:a', 'libmp3lame', '-ar', '44100', '-ac', '2', '-f', 'mp3']],
  ['flac', ['-f', 'flac']],
  ['m4a', ['-c:a', 'aac', '-f', 'ipod']],
  ['ogg', ['-c:a', 'libopus', '-ar', '48000', '-f', 'ogg']],
  ['webm', ['-c:a', 'libopus', '-ar', '48000', '-f', 'webm']],
  ['aac', ['-c:a', 'aac', '-f', 'adts']],
  ['mov', ['-c:a', 'aac', '-f', 'mov']],
  ['caf', ['-f', 'caf']],
];

describe('/clone', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage({ env: { VOICES_PER_MEMBER: '20' } });
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test.each(RECORDINGS)('a recording in %s becomes a voice', async (extension, args) => {
    const { guild, discord, venice, converter, synthesis } = stage;
    const member = guild.addMember({ name: `Singer ${extension}` });
    const samples = synthesis.speak(READING, { voice: 'ada' });
    const bytes = await converter.fromPcm({ sampleRate: SAMPLE_RATE, samples }, args);
    const before = venice.uploads().length;
    // The name says nothing: what counts is what is inside.
    const sample = discord.attach(bytes, 'recording.bin');
    const answer = await member.runs('clone', { sample });
    expect((await answer.done()).text).toContain('Before your voice is cloned');
    expect(venice.uploads()).toHaveLength(before);
    const card = await (await answer.clicks('I agree')).until(({ text }) =>
      text.includes('is ready'),
    );
    expect(card.text).toMatch(/lapses <t:\d+:R>/);
    expect(venice.uploads()).toHaveLength(before + 1);
    const upload = venice.uploads().at(-1)?.upload;
    expect(upload).toMatchObject({ model: 'tts-chatterbox-hd', contentType: 'audio/wav' });
    const wav = Buffer.from(upload?.bytes ?? []);
    expect(wav.toString('latin1', 0, 4) + wav.toString('latin1', 8, 16)).toBe('RIFFWAVEfmt ');
    expect(wav.readUInt16LE(22)).toBe(1);
    expect(wav.readUInt32LE(24)).toBe(SAMPLE_RATE);
    expect(wav.readUInt16LE(34)).toBe(16);
    expect(wav.toString('latin1', 36, 40)).toBe('data');
    expect(wav.readUInt32LE(40)).toBe(wav.byteLength - 44);
    const sent = new Int16Array(wav.buffer.slice(wav.byteOffset + 44));
    expect(Math.abs(sent.length - samples.length)).toBeLessThan(SAMPLE_RATE / 4);
    const heard = await converter.toPcm(bytes);
    const start = heard.findIndex((value) => Math.abs(value) > 500);
    expect(likeness(sent, heard.slice(start, start + 48_000))).toBeGreaterThan(0.9);
  });

  test('the agreement is recorded before anything is sent, and asked for once', async () => {
    const { ada, discord, venice } = stage;
    const sample = discord.attach(stage.recording(), 'me.wav');
    const first = await ada.runs('clone', { sample, name: 'First' });
    const asked = await first.done();
    expect(asked.buttons.filter(({ label }) => label.startsWith('I agree'))).toHaveLength(1);
    const off = await first.clicks('Keep my recording');
    expect((await off.done()).text).toContain('Keep my recording: off');
    const before = venice.uploads().length;
    const agreed = await off.clicks('I agree');
    expect((await agreed.until(({ text }) => text.includes('is ready'))).text).toContain(
      'not kept',
    );
    expect(venice.uploads()).toHaveLength(before + 1);
    const second = await ada.runs('clone', { sample, name: 'Second' });
    expect((await second.until(({ text }) => text.includes('is ready'))).text).toContain(
      '`Second`',
    );
    const shown = second.history().map(({ message }) => message.text);
    expect(shown.some((text) => text.includes('2 of 3'))).toBe(true);
  });

  test('cancel sends and stores nothing', async () => {
    const { guild, discord, venice } = stage;
    const eve = guild.addMember({ name: 'Eve' });
    const before = venice.requests.length;
    const sample = discord.attach(stage.recording(), 'me.wav');
    const answer = await eve.runs('clone', { sample });
    await answer.done();
    expect((await (await answer.clicks('Cancel')).done()).text).toContain('Cancelled');
    expect(venice.requests).toHaveLength(before);
    expect((await (await eve.runs('voices list')).done()).text).toContain('E_VOICE_MISSING');
  });

  test('a name that is taken can be replaced or added to; the old voice stays until the new one works', async () => {
    const { guild, discord, venice } = stage;
    const dan = guild.addMember({ name: 'Dan' });
    await stage.clone(dan, 'Me');
    const [old] = [...venice.handles.keys()].slice(-1);
    const sample = discord.attach(stage.recording(), 'me.wav');
    venice.faults.add('/audio/voices', { kind: 'status', status: 422 });
    const failing = await dan.runs('clone', { sample, name: 'me' });
    await failing.done();
    await (await failing.clicks('Replace')).until(({ text }) =>
      text.includes('E_PROVIDER_REJECTED'),
    );
    await (await dan.runs('say', { text: 'Still the old voice.' })).done();
    expect(venice.requests.at(-1)?.json?.['voice']).toBe(old);
    const again = await dan.runs('clone', { sample, name: 'ME' });
    expect((await again.done()).attachments[0]?.filename).toBe('my-recording.wav');
    await (await again.clicks('Replace')).until(({ text }) => text.includes('is ready'));
    const add = await dan.runs('clone', { sample, name: 'me' });
    await add.done();
    await (await add.clicks('Add another')).until(({ text }) => text.includes('is ready'));
    expect((await (await dan.runs('voices list')).done()).text).toMatch(
      /`ME` \(default\)[\s\S]*`me 2`/,
    );
  });

  test('a second voice says which one speaks, and can become the default or take the place', async () => {
    const { guild, discord } = stage;
    const kit = guild.addMember({ name: 'Kit' });
    await stage.clone(kit);
    const sample = discord.attach(stage.recording(), 'me.wav');
    const clone = async (name?: string) => {
      const answer = await kit.runs('clone', { sample, name });
      return { answer, card: await answer.until(({ text }) => text.includes('is ready')) };
    };
    const list = async () => (await (await kit.runs('voices list')).done()).text;
    const night = await clone('Night');
    expect(night.card.text).toContain('`/say` goes on in `Kit`, your default voice');
    const { answer, card } = await clone();
    expect(card.text).toContain('Name `Kit 2` as its `voice`');
    const question = await answer.clicks('Replace Kit');
    const asked = await question.done();
    expect(asked.text).toContain('Delete the older `Kit` for good');
    // Handed back while it is still there.
    expect(asked.attachments[0]?.filename).toBe('my-recording.wav');
    expect(await list()).toMatch(/`Kit` \(default\): [^\n]*\n[\s\S]*- `Kit 2`: /);
    const replaced = await (await question.clicks('Replace it')).done();
    expect(replaced.text).toContain('The new voice is called `Kit`, and speaks when');
    expect(await list()).toMatch(/`Night`: [^\n]*\n- `Kit` \(default\): /);
    const made = await (await night.answer.clicks('Make it my default')).done();
    expect(made.text).toContain('`Night` now speaks when you name no voice');
    expect(await list()).toMatch(/`Night` \(default\): [^\n]*\n- `Kit`: /);
    expect((await (await night.answer.clicks('Hear it')).done()).attachments).toHaveLength(1);
  });

  test('one press decides a card: its other buttons mean nothing any more', async () => {
    const { guild, discord, venice } = stage;
    const ivy = guild.addMember({ name: 'Ivy' });
    const sample = discord.attach(stage.recording(), 'me.wav');
    const answer = await ivy.runs('clone', { sample });
    const { buttons } = await answer.done();
    const [card] = [...guild.lobby.messages.values()].slice(-1);
    if (!card) throw new Error('There is no card');
    const before = venice.uploads().length;
    const customId = (label: string) =>
      buttons.find((button) => button.label.startsWith(label))?.customId ?? '';
    const cancelled = await ivy.pressesRaw(card, customId('Cancel'));
    // Acknowledgements may overtake each other.
    await cancelled.acked();
    const agreed = await ivy.pressesRaw(card, customId('I agree'));
    await cancelled.until(({ text }) => text.includes('Cancelled'));
    const refusal = await discord.world.watch.until(() => agreed.followUps()[0], {
      what: 'a refusal beside the card',
    });
    expect(refusal.text).toContain('E_NOT_YOURS');
    expect(venice.uploads()).toHaveLength(before);
  });

  test('two clones of a member at once: one is made, the other is told to wait', async () => {
    const { guild, discord } = stage;
    const jan = guild.addMember({ name: 'Jan' });
    await stage.clone(jan);
    const sample = discord.attach(stage.recording(), 'me.wav');
    const answers = await Promise.all([1, 2].map(() => jan.runs('clone', { sample })));
    const texts = await Promise.all(
      answers.map(
        async (answer) => (await answer.until(({ text }) => /is ready|E_/.test(text))).text,
      ),
    );
    expect(texts.filter((text) => text.includes('is ready'))).toHaveLength(1);
    expect(texts.filter((text) => text.includes('E_CLONE_BUSY'))).toHaveLength(1);
  });

  test('Hear it lets its owner hear the voice, in private', async () => {
    const { guild, discord, venice } = stage;
    const fay = guild.addMember({ name: 'Fay' });
    const sample: Attached = discord.attach(stage.recording(), 'me.wav');
    const answer = await fay.runs('clone', { sample });
    await answer.done();
    const card = await answer.clicks('I agree');
    await card.until(({ text }) => text.includes('is ready'));
    const before = guild.messages(guild.lobby).length;
    const heard = await card.clicks('Hear it');
    expect((await heard.acked()).isEphemeral).toBe(true);
    expect((await heard.done()).attachments[0]?.filename).toMatch(/\.mp3$/);
    expect(venice.spoken().at(-1)?.json?.['voice']).toMatch(/^vv_/);
    expect(guild.messages(guild.lobby)).toHaveLength(before);
  });

  test("a member's own name is cleaned as a typed one, and no short name of a stock voice", async () => {
    const sky = stage.guild.addMember({ name: 'Sky\u200b' });
    await stage.clone(sky);
    expect((await (await sky.runs('voices list')).done()).text).toContain('`Sky 2`');
    const rename = await sky.runs('voices rename', { voice: 'Sky 2', name: 'sky' });
    expect((await rename.done()).text).toContain('E_NAME_TAKEN');
  });

  test('without a sample it says how to record one', async () => {
    const answer = await stage.ada.runs('clone');
    expect((await answer.done()).text).toContain('How to record your voice');
  });

  test('it works in direct messages too', async () => {
    const { guild, discord } = stage;
    const gus = guild.addMember({ name: 'Gus' });
    const sample = discord.attach(stage.recording(), 'me.wav');
    const answer = await gus.dm.runs('clone', { sample });
    await answer.done();
    await (await answer.clicks('I agree')).until(({ text }) => text.includes('is ready'));
    expect((await (await gus.dm.runs('voices list')).done()).text).toContain('`Gus`');
  });

  test('a new account and a new member wait', async () => {
    const { guild, discord } = stage;
    const sample = discord.attach(stage.recording(), 'me.wav');
    const young = guild.addMember({ name: 'Young', accountAgeMs: 86_400_000 });
    expect((await (await young.runs('clone', { sample })).done()).text).toContain('E_TOO_NEW');
    const fresh = guild.addMember({ name: 'Fresh', joinedAgoMs: 60_000 });
    expect((await (await fresh.runs('clone', { sample })).done()).text).toContain('E_TOO_NEW');
  });

  test('the sixth clone of a day is refused', async () => {
    const { guild, discord } = stage;
    const hal = guild.addMember({ name: 'Hal' });
    for (const name of ['1', '2', '3', '4', '5']) await stage.clone(hal, name);
    const sample = discord.attach(stage.recording(), 'me.wav');
    const sixth = await hal.runs('clone', { sample, name: '6' });
    expect((await sixth.done()).text).toContain('E_RATE');
  });
});

describe('a member who may own one voice', () => {
  test('can replace it, but not add another', async () => {
    await using stage = await setStage({ env: { VOICES_PER_MEMBER: '1' } });
    const { ada, discord } = stage;
    await stage.clone(ada, 'Me');
    const sample = discord.attach(stage.recording(), 'me.wav');
    expect((await (await ada.runs('clone', { sample, name: 'Other' })).done()).text).toContain(
      'E_VOICES_FULL',
    );
    const again = await ada.runs('clone', { sample, name: 'me' });
    await again.done();
    await (await again.clicks('Replace')).until(({ text }) => text.includes('is ready'));
    const add = await ada.runs('clone', { sample, name: 'me' });
    await add.done();
    await (await add.clicks('Add another')).until(({ text }) => text.includes('E_VOICES_FULL'));
  });
});

describe('voices', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
    await stage.clone(stage.ada, 'Morning');
    await stage.clone(stage.ada, 'Evening');
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  const run = async (command: string, options = {}) =>
    (await (await stage.ada.runs(command, options)).done()).text;

  test('/voices list, show, default and rename', async () => {
    expect(await run('voices list')).toMatch(/`Morning` \(default\)[\s\S]*`Evening`/);
    expect(await run('voices show', { voice: 'evening' })).toContain('tts-chatterbox-hd');
    await run('voices default', { voice: 'Evening' });
    expect(await run('voices list')).toContain('`Evening` (default)');
    expect(await run('voices rename', { voice: 'Evening', name: 'morning' })).toContain(
      'E_NAME_TAKEN',
    );
    await run('voices rename', { voice: 'Evening', name: 'Night' });
    expect(await run('voices list')).toContain('`Night` (default)');
    expect(await run('voices rename', { voice: 'Night', name: '***' })).toContain('E_NAME_BAD');
  });

  test('/voices delete offers the recording back and deletes when asked to', async () => {
    const answer = await stage.ada.runs('voices delete', { voice: 'Night' });
    const asked = await answer.done();
    expect(asked.attachments[0]?.filename).toBe('my-recording.wav');
    expect((await (await answer.clicks('Delete it')).done()).text).toContain('is deleted');
    expect(await run('voices list')).toMatch(/`Morning` \(default\)/);
    expect(await run('say', { text: 'Gone?', voice: 'Night' })).toContain('E_VOICE_NONE');
  });

  test("another member's voice cannot be named, nor their buttons pressed", async () => {
    const eve = stage.guild.addMember({ name: 'Eve' });
    const answer = await eve.runs('say', { text: 'May I?', voice: 'Morning' });
    expect((await answer.done()).text).toContain('E_VOICE_NONE');
    const card = await stage.ada.runs('voices delete', { voice: 'Morning' });
    await card.done();
    const [message] = [...stage.guild.lobby.messages.values()].slice(-1);
    const pressed = await eve.presses(message as never, 'Delete it');
    expect((await pressed.done()).text).toContain('E_NOT_YOURS');
    expect(await run('voices list')).toContain('Morning');
  });

  test('/privacy delete deletes everything of a member, bytes included', async () => {
    const answer = await stage.ada.runs('privacy delete');
    await answer.done();
    await (await answer.clicks('Delete everything')).done();
    expect(await run('voices list')).toContain('E_VOICE_MISSING');
    const sample = stage.discord.attach(stage.recording(), 'me.wav');
    expect(await run('clone', { sample })).toContain('Before your voice is cloned');
    expect(await run('privacy policy')).toContain('How to undo it');
  });
});
