/** What the stand-in does instead of answering well, for the next calls of a path. */
export type Fault =
  /** Answers with a status; the body is one of the provider's three shapes. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Answers 200 with something that is no sound. */
  | { readonly kind: 'nonsense'; readonly contentType: string; readonly body: string | Uint8Array }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Takes the request and cuts the connection before anything of an answer. */
  | { readonly kind: 'reset' }
  /** Says nothing for as long as the sound would take. */
  | { readonly kind: 'silence' }
  /** Sends so many bytes of the sound, then nothing more. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** Sends so many bytes of the sound, then cuts the connection. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Sends so many bytes of the sound, then ends as if that was all. */
  | { readonly kind: 'end'; readonly afterBytes: number }
  /** Sends so many bytes of the sound, then one now and then. */
  | { readonly kind: 'drip'; readonly afterBytes: number; readonly everyMs: number };

export interface Faults {
  /** @param times how many calls it lasts. @default 1 */
  add(path: string, fault: Fault, times?: number): void;
  take(path: string): Fault | undefined;
  clear(): void;
}

export function createFaults(): Faults {
  let planned: { path: string; fault: Fault }[] = [];
  return {
    add(path, fault, times = 1) {
      planned.push(...Array.from({ length: times }, () => ({ path, fault })));
    },
    take(path) {
      const index = planned.findIndex((plan) => plan.path === path);
      return index === -1 ? undefined : planned.splice(index, 1)[0]?.fault;
    },
    clear() {
      planned = [];
    },
  };
}
