import { type Cloning, createCloning } from './cloning.ts';
import { createHandles, type Handles } from './handles.ts';
import { createLibrary, type Library } from './library.ts';
import { createUploads } from './uploads.ts';

/** All about what a member owns. */
export interface Voices {
  readonly library: Library;
  readonly cloning: Cloning;
  readonly handles: Handles;
}

export function createVoices(
  options: Omit<
    Parameters<typeof createCloning>[0] & Parameters<typeof createHandles>[0],
    'uploads'
  > &
    Parameters<typeof createUploads>[0],
): Voices {
  const uploads = createUploads(options);
  return {
    library: createLibrary(options),
    cloning: createCloning({ ...options, uploads }),
    handles: createHandles({ ...options, uploads }),
  };
}
