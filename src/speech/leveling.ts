import { setImmediate as turn } from 'node:timers/promises';
import { amplify } from '../audio/amplify.ts';
import { createLoudnessMeter } from '../audio/loudness.ts';
import { joinSamples, type Pcm, type PcmStream } from '../audio/pcm.ts';
import type { SpokenVoice } from '../domain/voice.ts';
import { collectPcm } from './collect.ts';

/** Brings voices to one loudness, so that nobody has to reach for the volume. */
export interface Leveling {
  /** With what is known of the voice, or else of its model; what is heard is learnt for the next time. */
  live(stream: PcmStream, voice: SpokenVoice): PcmStream;
  /** Exactly, since all of it is there. */
  whole(pcm: Pcm, voice: SpokenVoice): Promise<Pcm>;
}

/** What people set their calls to, and what podcasts are made for. */
const TARGET_LUFS = -16;
const MOST_DB = 20;
/** Near enough for a file. */
const CLOSE_LU = 0.5;
const MOST_PASSES = 3;
/** Each is about a millisecond of work. */
const SLICES_A_SECOND = 4;
/** How much the latest line counts against those before. */
const WEIGHT = 0.5;

export function createLeveling(): Leveling {
  /** The gain that would have brought each to the target, in dB. */
  const needed = new Map<string, number>();

  function learn(voice: SpokenVoice, db: number): void {
    for (const name of namesOf(voice)) {
      const before = needed.get(name) ?? db;
      needed.set(name, before + (db - before) * WEIGHT);
    }
  }

  /** Measured behind the limiter, so that what it takes away is made up for, bit by bit. */
  async function* measured(stream: PcmStream, voice: SpokenVoice, db: number) {
    const meter = createLoudnessMeter(stream.sampleRate);
    for await (const chunk of amplify(stream, factorOf(db)).chunks) {
      yield chunk;
      meter.add(chunk);
    }
    const lufs = meter.read();
    if (lufs !== undefined) learn(voice, db + TARGET_LUFS - lufs);
  }

  /** A voice's first line is kept until it ends, to find what the limiter would have taken away. */
  async function* tried({ sampleRate, chunks }: PcmStream, voice: SpokenVoice, db: number) {
    const heard: Int16Array[] = [];
    async function* noted() {
      for await (const chunk of chunks) {
        heard.push(chunk);
        yield chunk;
      }
    }
    yield* amplify({ sampleRate, chunks: noted() }, factorOf(db)).chunks;
    const right = await bringThere({ sampleRate, samples: joinSamples(heard) });
    if (right.db !== undefined) learn(voice, right.db);
  }

  return {
    live(stream, voice) {
      const [own, ...others] = namesOf(voice).map((name) => needed.get(name));
      const db = within([own, ...others].find((one) => one !== undefined) ?? 0);
      const chunks = (own === undefined ? tried : measured)(stream, voice, db);
      return { sampleRate: stream.sampleRate, chunks };
    },

    async whole(pcm, voice) {
      const { db, leveled } = await bringThere(pcm);
      if (db !== undefined) learn(voice, db);
      return leveled;
    },
  };
}

/** The gain is undefined for silence. */
async function bringThere(pcm: Pcm): Promise<{ db: number | undefined; leveled: Pcm }> {
  let [db, leveled] = [0, pcm];
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const lufs = await lufsOf(leveled);
    if (lufs === undefined) return { db: undefined, leveled };
    if (Math.abs(TARGET_LUFS - lufs) < CLOSE_LU) break;
    db = within(db + TARGET_LUFS - lufs);
    leveled = await collectPcm(amplify(streamOf(pcm), factorOf(db)));
  }
  return { db, leveled };
}

/** The voice itself, then its model. */
function namesOf(voice: SpokenVoice): readonly string[] {
  if (voice.kind === 'own') return [voice.voice.id, voice.voice.model];
  return [`${voice.stock.model} ${voice.stock.id}`, voice.stock.model];
}

async function lufsOf(pcm: Pcm): Promise<number | undefined> {
  const meter = createLoudnessMeter(pcm.sampleRate);
  for await (const slice of streamOf(pcm).chunks) meter.add(slice);
  return meter.read();
}

function within(db: number): number {
  return Math.max(-MOST_DB, Math.min(MOST_DB, db));
}

function factorOf(db: number): number {
  return 10 ** (within(db) / 20);
}

/** Slice by slice, with a turn for everybody else between two of them. */
function streamOf({ sampleRate, samples }: Pcm): PcmStream {
  const size = sampleRate / SLICES_A_SECOND;
  async function* chunks() {
    for (let start = 0; start < samples.length; start += size) {
      yield samples.subarray(start, start + size);
      await turn();
    }
  }
  return { sampleRate, chunks: chunks() };
}
