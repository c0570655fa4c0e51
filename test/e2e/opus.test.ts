import prism from 'prism-media';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Member } from '../discord/people/member.ts';
import { expectContiguous } from '../discord/voice/expect-contiguous.ts';
import type { Listener } from '../discord/voice/listener.ts';
import { SAMPLE_RATE } from '../venice/synthesis.ts';
import { halfRate, likeness } from './sound.ts';
import { READING, type Stage, setStage } from './stage.ts';

const LINE = 'This comes to you as it was made. Nobody has touched it on the way, I promise.';

describe('a provider that offers only Opus', () => {
  let stage: Stage;
  let admin: Member;
  let ears: Listener;
  beforeAll(async () => {
    stage = await setStage({
      venice: { formats: { 'tts-chatterbox-hd': ['opus'], 'tts-kokoro': ['opus'] } },
    });
    admin = stage.guild.addMember({ name: 'Admin', permissions: ['ManageGuild'] });
    await stage.clone(stage.ada);
    ears = stage.ada.joinsVoice(stage.guild.lounge) as Listener;
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  /** What is heard of a line: its packets, and what they sound like. */
  async function hear(text: string, options: object = {}) {
    const before = ears.packets.length;
    const answer = await stage.ada.runs('say', { text, ...options });
    expect((await answer.done()).text).toContain('Spoken in');
    await ears.hearsEnd();
    ears.packets.splice(0, before);
    return { packets: ears.speech().map(({ opus }) => hex(opus)), sound: halfRate(ears.decode()) };
  }

  const spent = async () =>
    /here: today (\S+)/.exec((await (await admin.runs('admin status')).done()).text)?.[1];

  test('its packets are heard in the voice channel as they are, and they are the right speech', async () => {
    const { packets, sound } = await hear(LINE);
    const [{ pcm = new Int16Array(), sent = new Uint8Array(), json } = {}] = stage.venice.spoken();
    expect(json).toMatchObject({ response_format: 'opus', streaming: true });
    expect(ears.undecodable).toBe(0);
    expect(ears.speech().every(({ wasEncrypted }) => wasEncrypted)).toBe(true);
    expectContiguous(ears);
    expect(packets).toEqual(await packetsIn(sent));
    expect(likeness(sound, pcm.subarray(0, SAMPLE_RATE))).toBeGreaterThan(0.9);
    const end = pcm.toReversed().subarray(0, SAMPLE_RATE);
    expect(likeness(sound.toReversed(), end)).toBeGreaterThan(0.9);
  });

  test('a repeat is heard the same, for free', async () => {
    const [asked, paid] = [stage.venice.spoken().length, await spent()];
    const { packets } = await hear(LINE);
    expect(packets).toEqual(await packetsIn(stage.venice.spoken().at(-1)?.sent));
    expect(stage.venice.spoken()).toHaveLength(asked);
    expect(await spent()).toBe(paid);
  });

  test('a long line is heard piece by piece, whole and in order', async () => {
    const before = stage.venice.spoken().length;
    const { packets, sound } = await hear(READING, { voice: 'af_sky', speed: 2.5 });
    const pieces = stage.venice.spoken().slice(before);
    expect(pieces.length).toBeGreaterThan(1);
    let heard = 0;
    for (const { sent, pcm = new Int16Array() } of pieces) {
      const own = await packetsIn(sent);
      expect(packets.slice(heard, heard + own.length)).toEqual(own);
      const begins = sound.subarray((heard * SAMPLE_RATE) / 50);
      expect(likeness(begins, pcm.subarray(0, SAMPLE_RATE))).toBeGreaterThan(0.9);
      heard += own.length;
    }
    expect(packets).toHaveLength(heard);
  });

  test.each(['mp3', 'wav'])(
    '/say format: %s posts the right speech, of the same answer',
    async (format) => {
      const { ada, guild, venice, converter } = stage;
      const asked = venice.spoken().length;
      await (await ada.runs('say', { text: LINE, output: 'file', format })).done();
      const [file] = guild.messages(guild.lobby).at(-1)?.attachments ?? [];
      expect(file?.filename).toMatch(new RegExp(`\\.${format}$`));
      const heard = await converter.toPcm(file?.bytes ?? new Uint8Array());
      const { pcm: said = new Int16Array() } =
        venice.spoken().find(({ json }) => json?.['input'] === LINE) ?? {};
      expect(likeness(heard, said)).toBeGreaterThan(0.9);
      expect(likeness(heard.toReversed(), said.toReversed())).toBeGreaterThan(0.9);
      expect(Math.abs(heard.length - said.length)).toBeLessThan(SAMPLE_RATE / 5);
      expect(venice.spoken()).toHaveLength(asked);
    },
  );
});

/** How the first page of a stream begins. */
const FIRST_PAGE = Buffer.from('OggS\0\u0002', 'latin1');

/** The packets of all its streams, as another reader finds them in each. */
async function packetsIn(file: Uint8Array = new Uint8Array()): Promise<readonly string[]> {
  const bytes = Buffer.from(file);
  const packets: string[] = [];
  const starts: number[] = [];
  for (let at = bytes.indexOf(FIRST_PAGE); at !== -1; at = bytes.indexOf(FIRST_PAGE, at + 1))
    starts.push(at);
  for (const [number, start] of starts.entries()) {
    const demuxer = new prism.opus.OggDemuxer();
    demuxer.end(bytes.subarray(start, starts[number + 1]));
    for await (const packet of demuxer) packets.push(hex(packet as Buffer));
  }
  return packets;
}

function hex(packet: Buffer): string {
  return packet.toString('hex');
}
