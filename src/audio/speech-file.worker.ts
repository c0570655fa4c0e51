import { parentPort, workerData } from 'node:worker_threads';
import { runFfmpeg } from './ffmpeg-core.ts';
import type { FileJob, FileResult } from './speech-file.ts';

parentPort?.on('message', async (job: FileJob) => {
  const { output } = await runFfmpeg(workerData as WebAssembly.Module, job);
  parentPort?.postMessage({ output } satisfies FileResult, output ? [output.buffer] : []);
});
