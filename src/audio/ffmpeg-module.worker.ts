import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parentPort } from 'node:worker_threads';

const path = fileURLToPath(import.meta.resolve('@ffmpeg/core/wasm'));
parentPort?.postMessage(await WebAssembly.compile(await readFile(path)));
