import { type Cloning, createCloning } from './cloning.ts';
import { createHandles, type Handles } from './handles.ts';
import { createLibrary, type Library } from './library.ts';

/** All about what a member owns. */
export interface Voices {
  readonly library: Library;
  readonly cloning: Cloning;
  readonly handles: Handles;
}

export function createVoices(
  options: Parameters<typeof createCloning>[0] & Parameters<typeof createHandles>[0],
): Voices {
  return {
    library: createLibrary(options),
    cloning: createCloning(options),
    handles: createHandles(options),
  };
}
