import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** FFmpeg's WebAssembly, compiled once off the main thread; every media thread shares it. */
export async function compileFfmpeg(): Promise<WebAssembly.Module> {
  const path = fileURLToPath(import.meta.resolve('@ffmpeg/core/wasm'));
  return await WebAssembly.compile(await readFile(path));
}
