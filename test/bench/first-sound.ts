import type { HeardPacket, Listener } from '../discord/voice/listener.ts';
import { halfRate, likeness } from '../e2e/sound.ts';
import { type Stage, setStage } from '../e2e/stage.ts';
import type { VeniceOptions } from '../venice/server.ts';
import { joinSamples } from '../venice/synthesis.ts';
import { AS_STARTED } from './as-started.ts';
import { likenessThroughout } from './heard.ts';

/** Enough that the slowest one alone does not decide what one in a hundred takes. */
export const LINES = 120;
const SENTENCE = 'Sentence 10 has fifty characters, or very nearly.';
/** A thousand characters in sentences as long as that one, each its own: what was spoken is remembered. */
const LONG = Array.from({ length: 20 }, (_, index) =>
  SENTENCE.replace('10', String(11 + index)),
).join(' ');
/** The same speech, through the codec. */
export const LIKE = 0.9;
/** The pace of the provider stand-in where time to the first sound is measured. */
const PACE = { firstByteMs: 500, streamedFirstByteMs: 300, perCharacterMs: 9 };

export interface FirstPackets {
  /** From the provider's first byte to the first voice packet, in milliseconds, line by line. */
  readonly latencies: readonly number[];
  /** How many of the lines were heard as the provider said them. */
  readonly right: number;
}

export async function measureFirstPackets(format: 'wav' | 'opus' | 'mp3'): Promise<FirstPackets> {
  await using stage = await openStage({ formats: { 'tts-chatterbox-hd': [format] } });
  const { ada, venice, guild } = stage;
  const ears = await listen(stage);
  // Two, who take turns: one alone may not say so much in a minute.
  const bo = guild.addMember({ name: 'Bo' });
  await stage.clone(bo);
  bo.joinsVoice(guild.lounge);
  const latencies: number[] = [];
  const lines: { said: Int16Array; speech: readonly HeardPacket[] }[] = [];
  for (let line = 0; line < LINES; line += 1) {
    const heard = ears.packets.length;
    await (await (line % 2 === 0 ? ada : bo).runs('say', { text: `${line}.` })).done();
    const { firstByteAt = 0, pcm: said = new Int16Array() } = venice.spoken().at(-1) ?? {};
    latencies.push(firstSound(ears, heard).at - firstByteAt);
    lines.push({ said, speech: speechSince(ears, heard) });
  }
  const isRight = ({ said, speech }: (typeof lines)[number]) =>
    likeness(halfRate(ears.decode(speech)), said) > LIKE;
  return { latencies, right: lines.filter(isRight).length };
}

/** A long text at the provider's pace, in milliseconds. */
export interface LongLine {
  /** From Enter to the first sound: of one sentence alone, and of a thousand characters. */
  readonly sentence: number;
  readonly long: number;
  /** From asking for all of the text in one call, without streaming, to the first byte of its sound. */
  readonly whole: number;
  /** Between two packets of speech, all through the long line. */
  readonly spacings: readonly number[];
  /** How alike what was heard of it and what the provider said are, at the worst second. */
  readonly likeness: number;
}

/** @param streams whether the provider sends its sound sentence by sentence. */
export async function measureLongLine({ streams }: { streams: boolean }): Promise<LongLine> {
  await using stage = await openStage({ streams });
  const { ada, venice } = stage;
  venice.setDelays(PACE);
  const ears = await listen(stage);
  const speak = async (text: string) => {
    const heard = ears.packets.length;
    const startedAt = performance.timeOrigin + performance.now();
    const answer = await ada.runs('say', { text });
    await ears.until(({ packets }) => packets.slice(heard).some(({ isSilence }) => !isSilence));
    const latency = firstSound(ears, heard).at - startedAt;
    await answer.until(({ text: shown }) => shown.includes('Spoken in'), {
      timeoutMs: 180_000,
    });
    return { latency, speech: speechSince(ears, heard) };
  };
  await speak('The first line of a process takes its time.');
  const sentence = await speak(SENTENCE);
  const whole = await untilFirstByte(stage);
  const before = venice.spoken().length;
  const long = await speak(LONG);
  const pieces = venice.spoken().slice(before);
  const said = joinSamples(pieces.map(({ pcm = new Int16Array() }) => pcm));
  const spacings = long.speech.slice(1).map(({ at }, index) => at - (long.speech[index]?.at ?? at));
  return {
    sentence: sentence.latency,
    long: long.latency,
    whole,
    spacings,
    likeness: likenessThroughout(halfRate(ears.decode(long.speech)), said),
  };
}

/** Milliseconds from starting the process to `ready`. */
export async function measureStart(): Promise<number> {
  await using stage = await openStage();
  await stage.bot.stop('SIGTERM');
  const startedAt = performance.now();
  await stage.restart();
  return performance.now() - startedAt;
}

async function openStage(venice: VeniceOptions = {}): Promise<Stage> {
  const stage = await setStage({
    venice: { requestsPerMinute: 6000, ...venice },
    env: AS_STARTED,
  });
  const admin = stage.guild.addMember({ name: 'Admin', permissions: ['ManageGuild'] });
  const limits = { text: 1000, lines_per_minute: 60, budget_per_day: 1 };
  await (await admin.runs('admin limits', limits)).done();
  await stage.clone(stage.ada);
  return stage;
}

async function listen({ ada, guild }: Stage): Promise<Listener> {
  const ears = ada.joinsVoice(guild.lounge) as Listener;
  await (await ada.runs('join')).done();
  return ears;
}

function speechSince({ packets }: Listener, from: number): readonly HeardPacket[] {
  return packets.slice(from).filter(({ isSilence }) => !isSilence);
}

function firstSound({ packets }: Listener, from: number): HeardPacket {
  const first = packets.slice(from).find(({ isSilence }) => !isSilence);
  if (!first) throw new Error('A line was not heard');
  return first;
}

async function untilFirstByte({ venice }: Stage): Promise<number> {
  const asked = venice.spoken().at(-1)?.json;
  const startedAt = performance.now();
  const response = await fetch(`${venice.url}/audio/speech`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${venice.keys.inference}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ ...asked, input: LONG, response_format: 'wav', streaming: false }),
  });
  const reader = response.body?.getReader();
  if (!response.ok || !reader) throw new Error(`The stand-in refused with ${response.status}`);
  await reader.read();
  const took = performance.now() - startedAt;
  await reader.cancel();
  return took;
}
