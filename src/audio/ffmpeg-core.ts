export interface FfmpegJob {
  readonly input: Uint8Array;
  /** FFmpeg's, with `INPUT` and `OUTPUT` standing for the two files. */
  readonly args: readonly string[];
}

export interface FfmpegResult {
  /** Undefined when FFmpeg failed or wrote nothing. */
  readonly output: Uint8Array<ArrayBuffer> | undefined;
  /** What it printed, a line each. */
  readonly log: readonly string[];
}

/**
 * Runs FFmpeg once on one file in memory, blocking the thread: there is no disk, network or process
 * behind it. Each run has an instance of its own (10 ms): FFmpeg exits by aborting, which leaves its
 * stack behind, and an instance used some sixty times crashes or hangs for want of it.
 * @param module compiled once for all threads.
 * @throws what WebAssembly throws when FFmpeg crashes.
 */
export async function runFfmpeg(
  module: WebAssembly.Module,
  { input, args }: FfmpegJob,
): Promise<FfmpegResult> {
  const core = await instantiate(module);
  const log: string[] = [];
  core.setLogger(({ message }) => log.push(message));
  core.FS.writeFile('input', input, { canOwn: true });
  const code = core.exec('-hide_banner', ...args.map((arg) => FILES.get(arg) ?? arg));
  const hasOutput = code === 0 && core.FS.analyzePath('output').exists;
  return { output: hasOutput ? core.FS.readFile('output') : undefined, log };
}

const FILES: ReadonlyMap<string, string> = new Map([
  ['INPUT', 'input'],
  ['OUTPUT', 'output'],
]);

async function instantiate(module: WebAssembly.Module) {
  // The package looks for the scope of a browser's worker before it runs.
  Object.assign(globalThis, { self: globalThis, location: { href: import.meta.url } });
  const { default: createCore } = await import('@ffmpeg/core');
  return await createCore({
    instantiateWasm(imports, done) {
      void WebAssembly.instantiate(module, imports).then(done);
      return {};
    },
  });
}
