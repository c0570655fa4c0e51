import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Member } from '../discord/people/member.ts';
import type { Listener } from '../discord/voice/listener.ts';
import type { VeniceRequest } from '../venice/server.ts';
import { joinSamples, SAMPLE_RATE } from '../venice/synthesis.ts';
import { halfRate, likeness } from './sound.ts';
import { READING, type Stage, setStage } from './stage.ts';

const LONG = `${READING} And then we all went home, because it was late and we were tired. In the morning somebody opened a window, and all of us heard the rain. Nobody there said a word, and the fox had gone away in the night.`;

let stage: Stage;
let admin: Member;
let ears: Listener;
beforeAll(async () => {
  stage = await setStage({ venice: { face: 'guide', requestsPerMinute: 600 } });
  admin = stage.guild.addMember({ name: 'Admin', permissions: ['ManageGuild'] });
  await stage.clone(stage.ada);
  ears = stage.ada.joinsVoice(stage.guild.lounge) as Listener;
});
afterAll(() => stage[Symbol.asyncDispose]());

async function hear(options: object): Promise<Int16Array> {
  ears.packets.length = 0;
  await (await stage.ada.runs('say', { text: LONG, output: 'voice', ...options })).done();
  await ears.hearsEnd();
  return halfRate(ears.decode());
}

async function post(options: object): Promise<Int16Array> {
  await (await stage.ada.runs('say', { text: LONG, output: 'file', ...options })).done();
  const [file] = stage.guild.messages(stage.guild.lobby).at(-1)?.attachments ?? [];
  return await stage.converter.toPcm(file?.bytes ?? new Uint8Array());
}

const spent = async () =>
  /here: today (\S+)/.exec((await (await admin.runs('admin status')).done()).text)?.[1];

// In two speeds: what the one made is not there for the other. Only stock voices know any.
test.each([
  ['heard', 'posted', hear, post, { voice: 'af_sky', speed: 3 }],
  ['posted', 'heard', post, hear, { voice: 'af_sky', speed: 4 }],
] as const)('a long line that was %s is %s for free', async (_, __, first, then, options) => {
  const before = stage.venice.spoken().length;
  const known = await first(options);
  const [pieces, paid] = [stage.venice.spoken().slice(before), await spent()];
  expect(pieces.length).toBeGreaterThan(1);
  const said = soundOf(pieces);
  for (const sound of [known, await then(options)]) {
    expect(likeness(sound, said)).toBeGreaterThan(0.9);
    expect(likeness(sound.toReversed(), said.toReversed())).toBeGreaterThan(0.9);
    expect(Math.abs(sound.length - said.length)).toBeLessThan(SAMPLE_RATE / 5);
  }
  expect(stage.venice.spoken()).toHaveLength(before + pieces.length);
  expect(await spent()).toBe(paid);
});

/** In the order of the text: later pieces are asked for side by side. */
function soundOf(pieces: readonly VeniceRequest[]): Int16Array {
  const placeOf = ({ json }: VeniceRequest) => LONG.indexOf(String(json?.['input']));
  const inOrder = pieces.toSorted((a, b) => placeOf(a) - placeOf(b));
  return joinSamples(inOrder.map(({ pcm = new Int16Array() }) => pcm));
}
