import { encodeOpus } from '../../src/audio/opus-encoder.ts';
import { createLeveling } from '../../src/speech/leveling.ts';
import type { Listener } from '../discord/voice/listener.ts';
import { halfRate, likeness } from '../e2e/sound.ts';
import { pcmOf, samplesOf } from './pcm.ts';
import { quantile } from './quantile.ts';
import type { SpeakerJob } from './speaker.ts';
import { STOCK } from './voice.ts';

/** What listeners in many servers heard of one process that spoke in all of them at once. */
export interface Heard {
  /** Between two packets of one session, in milliseconds. */
  readonly spacing: { readonly p99: number; readonly max: number };
  /** How many packets of all came within 10 ms of when they were due. */
  readonly onTime: number;
  /** Sent and not heard, or not understood. */
  readonly lost: number;
  /** How long the speech took to be heard, in seconds, at the slowest. */
  readonly heardSeconds: number;
  /** How many heard the whole speech in order and once, packet by packet as our encoder makes it. */
  readonly whole: number;
  /** How alike what one of them heard and what was to be said are, at the worst second: 1 is identical. */
  readonly likeness: number;
}

export async function judge(
  listeners: readonly Listener[],
  { seconds, from }: Pick<SpeakerJob, 'seconds' | 'from'>,
): Promise<Heard> {
  return { ...judgeTimes(listeners, seconds), ...(await judgeSound(listeners, seconds, from)) };
}

function judgeTimes(listeners: readonly Listener[], seconds: number) {
  const spacing: number[] = [];
  let [onTime, all, lost, heardSeconds] = [0, 0, 0, 0];
  for (const listener of listeners) {
    const speech = listener.speech();
    const [first] = speech;
    const last = speech.at(-1);
    if (!first || !last) throw new Error('A listener heard nothing');
    lost += listener.undecodable + Math.max(0, seconds * 50 - speech.length);
    heardSeconds = Math.max(heardSeconds, (last.at - first.at + 20) / 1000);
    // Due by the whole of what was heard: one late first packet must not make all others early.
    const offsets = speech.map(({ at }, index) => at - index * 20).toSorted((a, b) => a - b);
    const start = offsets[offsets.length >> 1] ?? 0;
    for (const [index, { at }] of speech.entries()) {
      all += 1;
      if (Math.abs(at - start - index * 20) <= 10) onTime += 1;
      const before = speech[index - 1];
      if (before) spacing.push(at - before.at);
    }
  }
  return {
    spacing: { p99: quantile(spacing, 0.99), max: quantile(spacing, 1) },
    onTime: onTime / all,
    lost,
    heardSeconds,
  };
}

/** Encoding is deterministic: what is encoded here again is what was sent. */
async function judgeSound(
  listeners: readonly Listener[],
  seconds: number,
  from: SpeakerJob['from'],
) {
  const said = pcmOf(seconds);
  const leveled = from === 'wav' ? createLeveling().live(said, STOCK) : said;
  const packets = await Array.fromAsync(encodeOpus(leveled));
  const isWhole = (listener: Listener) => {
    const speech = listener.speech();
    const isSame = (packet: Uint8Array, index: number) => speech[index]?.opus.equals(packet);
    return speech.length === packets.length && packets.every(isSame);
  };
  const { samples } = await samplesOf(seconds);
  const [one] = listeners;
  return {
    whole: listeners.filter(isWhole).length,
    likeness: one ? likenessThroughout(halfRate(one.decode()), samples) : 0,
  };
}

/** How alike two sounds are at the worst second. */
export function likenessThroughout(heard: Int16Array, said: Int16Array): number {
  const second = 24_000;
  const starts = Array.from({ length: Math.floor(said.length / second) }, (_, at) => at * second);
  const alike = starts.map((start) =>
    likeness(heard.subarray(start, start + 2 * second), said.subarray(start, start + second), 500),
  );
  return Math.min(...alike);
}
