import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeWav } from '../src/audio/wav.ts';
import type { Answer } from './discord/people/answer.ts';
import { asRead } from './discord/people/as-read.ts';
import type { SeenMessage } from './discord/people/seen-message.ts';
import { type Stage, setStage } from './e2e/stage.ts';

const OUT = new URL('../data/demo/', import.meta.url).pathname;
const SENTENCE = 'Hello everybody! I typed this, and you hear it in my own voice.';
const LIVE = 'And now you hear me live, though I have no microphone.';

const { values } = parseArgs({ options: { sample: { type: 'string' } } });
const startedAt = performance.now();
await mkdir(OUT, { recursive: true });

console.log('\nMyna: the real bot, between a Discord and a Venice of this machine.\n');
const own = values.sample === undefined ? undefined : await readSample(values.sample);
const stage = await setStage({ env: { CLONE_USD: '' } });
const { ada, guild, discord, venice } = stage;
note(`the bot is ready (${((performance.now() - startedAt) / 1000).toFixed(1)} s after the start)`);

note(
  'this Venice is a speech synthesiser (espeak-ng) of this machine: it takes a recording as the',
);
note(
  "real one does, but it does NOT clone. The voice you will hear is nobody's, not the recorded one",
);
const [bytes, filename] = own ?? [stage.recording(), 'synthesised-speech.wav'];
if (!own) note('the recording is synthesised, too: nobody was recorded for this demo');

says(`/clone sample:${filename}`);
const cloning = await ada.runs('clone', { sample: discord.attach(bytes, filename) });
shows(await cloning.done(), cloning);
presses('I agree, this is my own voice');
const agreed = await cloning.clicks('I agree');
const card = await agreed.until(({ text }) => /is ready|E_/.test(text));
for (const { message, at } of agreed.history().filter((one) => one.message.content))
  note(`${Math.round(at - agreed.sentMs)} ms: ${read(message.content)}`);
shows(card, agreed);
if (!card.text.includes('is ready')) await end(1);

says(`/say text:${SENTENCE}`);
const file = await ada.runs('say', { text: SENTENCE });
shows(await file.done(), file);
await keep('file', 'mp3');

says(`/say text:${SENTENCE} output:message`);
const message = await ada.runs('say', { text: SENTENCE, output: 'message' });
shows(await message.done(), message);
await keep('voice-message', 'ogg');

note('Ada joins the voice channel Lounge, without a microphone; Ben is there and listens');
const ben = guild.addMember({ name: 'Ben' });
const ears = ben.joinsVoice(guild.lounge);
ada.joinsVoice(guild.lounge);
const latencies: number[] = [];
// Said for the first time each: what was said before would come from the cache.
for (const text of [LIVE, 'At once.', 'And this.', 'Another.', 'One more.', 'The last.']) {
  says(`/say text:${text}`);
  const live = await ada.runs('say', { text });
  const before = ears?.packets.length ?? 0;
  shows(await live.done(), live);
  const first = ears?.packets.slice(before).find(({ isSilence }) => !isSilence);
  latencies.push((first?.at ?? 0) - (venice.spoken().at(-1)?.firstByteAt ?? 0));
}
await ears?.hearsEnd();
for (const { content } of guild.messages(guild.lounge)) console.log(`   #Lounge  ${read(content)}`);
const heard = ears?.decode() ?? new Int16Array();
await writeFile(join(OUT, 'heard-live.wav'), writeWav({ sampleRate: 48_000, samples: heard }));
note(
  `Ben heard ${(heard.length / 48_000).toFixed(1)} s, end-to-end encrypted: data/demo/heard-live.wav`,
);

await measureAcks(stage);
console.log('\nMeasured');
const [joining = 0, ...joined] = latencies;
console.log(
  `   first provider byte → first voice packet: ${median(joined).toFixed(1)} ms (median of ${joined.length}: ${joined.map((ms) => ms.toFixed(1)).join(', ')})`,
);
console.log(`   the same while the channel is still being joined: ${joining.toFixed(1)} ms`);
await end(0);

/** Fifty members press Enter at once. */
async function measureAcks({ guild }: Stage): Promise<void> {
  const members = Array.from({ length: 50 }, (_, index) => guild.addMember({ name: `M${index}` }));
  // A bot that has been up for a while has seen its first interactions.
  for (const member of members.slice(0, 20)) await (await member.runs('help')).done();
  const answers = await Promise.all(members.map((member) => member.runs('help')));
  const acks = await Promise.all(answers.map(async (answer) => (await answer.acked()).afterMs));
  const sorted = acks.toSorted((a, b) => a - b);
  note(
    `50 interactions at once are acknowledged after ${sorted[24]?.toFixed(0)} ms (median), ${sorted[49]?.toFixed(0)} ms (last)`,
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

async function keep(name: string, extension: string): Promise<void> {
  const post = guild.messages(guild.lobby).at(-1);
  const attachment = post?.attachments[0];
  if (!attachment) return;
  for (const { content } of guild.messages(guild.lobby).slice(-2))
    if (content) console.log(`   #lobby   ${read(content)}`);
  const path = `data/demo/${name}.${extension}`;
  await writeFile(join(OUT, `${name}.${extension}`), attachment.bytes);
  console.log(
    `   #lobby   [${attachment.filename}, ${attachment.bytes.byteLength} bytes] → ${path}`,
  );
}

async function readSample(path: string): Promise<[Uint8Array, string]> {
  try {
    return [await readFile(path), basename(path)];
  } catch (error) {
    console.error(`--sample cannot be read: ${(error as Error).message}`);
    process.exit(1);
  }
}

async function end(code: number): Promise<never> {
  await stage.bot.stop('SIGTERM');
  await stage[Symbol.asyncDispose]();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const done = `Done in ${seconds} s. Listen to what is in data/demo/.`;
  console.log(`\n${code === 0 ? done : 'The voice was not made; see above.'}\n`);
  process.exit(code);
}

function says(text: string): void {
  console.log(`\nAda      ${text}`);
}

function presses(label: string): void {
  console.log(`Ada      presses [${label}]`);
}

function note(text: string): void {
  console.log(`         (${text})`);
}

/** As Ada's Discord shows it. */
function read(text: string): string {
  return asRead(discord.world, guild.guild, text);
}

/** What the bot answers, as only Ada sees it. */
function shows(message: SeenMessage, answer: Answer): void {
  const buttons = message.buttons.map(({ label }) => `[${label}]`).join(' ');
  const lines = read(message.text)
    .split('\n')
    .filter((line) => !message.buttons.some(({ label }) => label === line));
  const ms = Math.round(performance.now() - answer.sentMs);
  for (const [index, line] of [...lines, buttons].filter((line) => line).entries())
    console.log(`${index === 0 ? 'Myna     ' : '         '}${line}`);
  note(`after ${ms} ms`);
}
