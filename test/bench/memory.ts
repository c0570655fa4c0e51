import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { READING, type Stage, setStage } from '../e2e/stage.ts';
import { joinSamples, SAMPLE_RATE } from '../venice/synthesis.ts';
import { AS_STARTED } from './as-started.ts';

/** Resident memory as Linux counts it, in bytes. */
export interface MemoryResult {
  /** Of a process that only imports the same libraries. */
  readonly libraries: number;
  /** Of the bot that has nothing to do. */
  readonly idle: number;
  /** Two recordings of 25 MB taken in, one after the other. */
  readonly uploads: readonly Upload[];
}

/** The most while a recording was taken in, and a quarter of a minute later. */
export interface Upload {
  readonly peak: number;
  readonly after: number;
}

const SETTLING_MS = 5_000;
const GIVING_BACK_MS = 15_000;
/** Of the recording: at 48 kHz in stereo 25 MB, just below the most that is taken. */
const SECONDS = 130;
const EACH_MS = 10;

export async function measureMemory(): Promise<MemoryResult> {
  const libraries = await measureLibraries();
  await using stage = await setStage({ env: AS_STARTED });
  const pid = stage.bot.child.pid ?? 0;
  await sleep(SETTLING_MS);
  const idle = await memoryOf(pid);
  const recording = await longRecording(stage);
  const uploads = [await measureUpload(stage, recording), await measureUpload(stage, recording)];
  return { libraries, idle, uploads };
}

/** Each time by somebody else, who has to agree first. */
async function measureUpload(stage: Stage, recording: Uint8Array): Promise<Upload> {
  const member = stage.guild.addMember({ name: 'Member' });
  const pid = stage.bot.child.pid ?? 0;
  const answer = await member.runs('clone', { sample: stage.discord.attach(recording, 'me.wav') });
  await answer.done();
  const isReady = answer
    .clicks('I agree')
    .then((agreed) => agreed.until(({ text }) => text.includes('Your voice is ready')));
  const peak = await peakUntil(isReady, pid);
  await sleep(GIVING_BACK_MS);
  return { peak, after: await memoryOf(pid) };
}

async function measureLibraries(): Promise<number> {
  const entry = new URL('./libraries.ts', import.meta.url);
  const child = fork(entry, { execPath: process.execPath });
  await once(child, 'message');
  await sleep(SETTLING_MS);
  const memory = await memoryOf(child.pid ?? 0);
  child.disconnect();
  return memory;
}

async function longRecording({ converter, synthesis }: Stage): Promise<Uint8Array> {
  const reading = synthesis.speak(READING);
  const times = Math.ceil((SECONDS * SAMPLE_RATE) / reading.length);
  const samples = joinSamples(Array.from({ length: times }, () => reading));
  const pcm = { sampleRate: SAMPLE_RATE, samples: samples.subarray(0, SECONDS * SAMPLE_RATE) };
  return await converter.fromPcm(pcm, ['-ac', '2', '-ar', '48000', '-f', 'wav']);
}

async function peakUntil(work: Promise<unknown>, pid: number): Promise<number> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  let peak = 0;
  while (!isDone) {
    peak = Math.max(peak, await memoryOf(pid));
    await sleep(EACH_MS);
  }
  await done;
  return peak;
}

async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
}
