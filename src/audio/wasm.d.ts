// What of these the code uses: Node has the first without describing it, the package describes nothing.
declare namespace WebAssembly {
  type Imports = Record<string, Record<string, unknown>>;
  class Module {
    private readonly brand;
  }
  interface Instance {
    readonly exports: Record<string, unknown>;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: Imports): Promise<Instance>;
}

declare module '@ffmpeg/core' {
  interface Core {
    readonly FS: {
      writeFile(path: string, bytes: Uint8Array, options: { canOwn: boolean }): void;
      readFile(path: string): Uint8Array<ArrayBuffer>;
      analyzePath(path: string): { exists: boolean };
    };
    setLogger(listen: (line: { type: string; message: string }) => void): void;
    /** Returns FFmpeg's exit code. */
    exec(...args: string[]): number;
  }
  const createCore: (options: {
    instantiateWasm(
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance) => void,
    ): Record<string, never>;
  }) => Promise<Core>;
  export default createCore;
}
