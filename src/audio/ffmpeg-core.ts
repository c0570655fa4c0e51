/** FFmpeg compiled to WebAssembly, loaded in this worker: no file system, no network, no process. */
export interface FfmpegCore {
  /** Runs FFmpeg once on one file in memory. */
  run(job: {
    readonly input: Uint8Array;
    /** With `INPUT` and `OUTPUT` standing for the two files. */
    readonly args: readonly string[];
  }): { readonly output: Uint8Array | undefined; readonly log: readonly string[] };
}

/** What of the package's own module is used. */
interface CoreModule {
  readonly FS: {
    writeFile(path: string, bytes: Uint8Array): void;
    readFile(path: string): Uint8Array;
    unlink(path: string): void;
    analyzePath(path: string): { exists: boolean };
  };
  setLogger(listen: (line: { type: string; message: string }) => void): void;
  exec(...args: string[]): number;
  reset(): void;
}

type CreateCore = (options: {
  instantiateWasm(
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance) => void,
  ): Record<string, never>;
}) => Promise<CoreModule>;

/** @param module compiled once for all workers. */
export async function loadFfmpeg(module: WebAssembly.Module): Promise<FfmpegCore> {
  // The package looks for the scope of a browser's worker before it runs.
  Object.assign(globalThis, {
    self: globalThis,
    location: { href: import.meta.url },
    WorkerGlobalScope: class {},
    importScripts: () => undefined,
  });
  const createCore = (await import('@ffmpeg/core')).default as unknown as CreateCore;
  const core = await createCore({
    instantiateWasm(imports, done) {
      void WebAssembly.instantiate(module, imports).then(done);
      return {};
    },
  });

  return {
    run({ input, args }) {
      const log: string[] = [];
      core.setLogger(({ message }) => log.push(message));
      core.FS.writeFile('input', input);
      const words = args.map((arg) =>
        arg === 'INPUT' ? 'input' : arg === 'OUTPUT' ? 'output' : arg,
      );
      const code = core.exec('-hide_banner', '-nostdin', '-y', ...words);
      core.reset();
      const isThere = core.FS.analyzePath('output').exists;
      const output = code === 0 && isThere ? core.FS.readFile('output') : undefined;
      core.FS.unlink('input');
      if (isThere) core.FS.unlink('output');
      return { output, log };
    },
  };
}
