import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { READING, type Stage, setStage } from '../e2e/stage.ts';
import { joinSamples, SAMPLE_RATE } from '../venice/synthesis.ts';

/** Resident memory as Linux counts it, in bytes. */
export interface MemoryResult {
  /** Of a process that only imports the same libraries, and of one that has FFmpeg compiled, too. */
  readonly libraries: number;
  readonly withFfmpeg: number;
  /** Of the bot that has nothing to do. */
  readonly idle: number;
  /** The most while it took in a recording of 25 MB. */
  readonly peak: number;
  /** A quarter of a minute later. */
  readonly after: number;
}

const SETTLING_MS = 5_000;
const GIVING_BACK_MS = 15_000;
/** Of the recording: at 48 kHz in stereo 25 MB, just below the most that is taken. */
const SECONDS = 130;
const EACH_MS = 10;

export async function measureMemory(): Promise<MemoryResult> {
  const libraries = await measureLibraries();
  const withFfmpeg = await measureLibraries('ffmpeg');
  await using stage = await setStage();
  const pid = stage.bot.child.pid ?? 0;
  await sleep(SETTLING_MS);
  const idle = await memoryOf(pid);
  const sample = stage.discord.attach(await longRecording(stage), 'me.wav');
  const answer = await stage.ada.runs('clone', { sample });
  await answer.done();
  const isReady = answer
    .clicks('I agree')
    .then((agreed) => agreed.until(({ text }) => text.includes('Your voice is ready')));
  const peak = await peakUntil(isReady, pid);
  await sleep(GIVING_BACK_MS);
  return { libraries, withFfmpeg, idle, peak, after: await memoryOf(pid) };
}

async function measureLibraries(...also: readonly string[]): Promise<number> {
  const child = fork(new URL('./libraries.ts', import.meta.url), also, {
    execPath: process.execPath,
  });
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
