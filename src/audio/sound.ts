import type { PcmStream } from './pcm.ts';

/** Speech as it arrives: samples, or Opus packets of 20 ms that can be heard as they are. */
export type Sound =
  | ({ readonly kind: 'pcm' } & PcmStream)
  | { readonly kind: 'opus'; readonly packets: AsyncIterable<Uint8Array> };
