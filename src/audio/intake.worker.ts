import { parentPort, workerData } from 'node:worker_threads';
import type { IntakeJob } from './intake.ts';
import { takeIn } from './take-in.ts';

parentPort?.on('message', async (job: IntakeJob) => {
  const result = await takeIn(workerData as WebAssembly.Module, job);
  parentPort?.postMessage(result, result.kind === 'taken' ? [result.wav.buffer] : []);
});
