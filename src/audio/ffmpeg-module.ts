import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** FFmpeg's WebAssembly, compiled when it is first asked for; every media thread shares it. */
export type FfmpegModule = () => Promise<WebAssembly.Module>;

export function createFfmpegModule(): FfmpegModule {
  let compiling: Promise<WebAssembly.Module> | undefined;
  return async () => {
    compiling ??= compile();
    try {
      return await compiling;
    } catch (error) {
      compiling = undefined;
      throw error;
    }
  };
}

/** In a thread that ends with it: what is read and compiled on the way would stay here for long. */
async function compile(): Promise<WebAssembly.Module> {
  const entry = new URL('./ffmpeg-module.worker.ts', import.meta.url);
  const worker = new Worker(entry, { env: {}, argv: [] });
  const death = once(worker, 'exit').then(() => {
    throw new Error('The thread ended before FFmpeg was compiled');
  });
  try {
    const [module] = await Promise.race([once(worker, 'message'), death]);
    return module as WebAssembly.Module;
  } finally {
    death.catch(() => undefined);
    await worker.terminate();
  }
}
