import { parentPort, workerData } from 'node:worker_threads';
import { loadFfmpeg } from './ffmpeg-core.ts';
import type { FileJob, FileResult } from './speech-file.ts';

const core = loadFfmpeg(workerData as WebAssembly.Module);

parentPort?.on('message', ({ input, args }: FileJob) => {
  void core.then(({ run }) => {
    const { output } = run({ input, args });
    parentPort?.postMessage({ output } satisfies FileResult);
  });
});
