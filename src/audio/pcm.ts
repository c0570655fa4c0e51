/** Mono 16-bit sound arriving piece by piece. */
export interface PcmStream {
  readonly sampleRate: number;
  readonly chunks: AsyncIterable<Int16Array>;
}

/** Mono 16-bit sound, all of it. */
export interface Pcm {
  readonly sampleRate: number;
  readonly samples: Int16Array;
}
