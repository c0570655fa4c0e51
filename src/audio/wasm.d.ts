// What of these the code uses; Node has the first without describing it, the package describes nothing.
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
  const createCore: (options: object) => Promise<unknown>;
  export default createCore;
}
