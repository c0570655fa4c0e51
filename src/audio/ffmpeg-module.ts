import { Worker } from 'node:worker_threads';
import { nextMessage } from './next-message.ts';

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
  try {
    return (await nextMessage(worker)) as WebAssembly.Module;
  } finally {
    await worker.terminate();
  }
}
