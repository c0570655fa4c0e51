import { randomUUID } from 'node:crypto';
import { encodeOpus } from '../../src/audio/opus-encoder.ts';
import type { PcmStream } from '../../src/audio/pcm.ts';
import type { Line } from '../../src/playback/line.ts';

export const GUILD = '100000000000000001';

/** A line whose packets are known. */
export function makeLine(packets: readonly Uint8Array[], changes: Partial<Line> = {}): Line {
  return {
    id: randomUUID(),
    requester: '400000000000000001',
    guildId: GUILD,
    label: 'Ada',
    seconds: 1,
    disclosure: 'AI voice',
    async *packets() {
      for (const packet of packets) yield packet;
    },
    findObjection: () => Promise.resolve(undefined),
    started: () => undefined,
    movedTo: () => undefined,
    standsBehind: () => undefined,
    suppressed: () => undefined,
    ...changes,
  };
}

/** Real Opus: a tone of so many milliseconds. */
export async function tone(ms: number, hertz = 440): Promise<readonly Uint8Array[]> {
  const samples = Int16Array.from({ length: 24 * ms }, (_, index) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hertz * index) / 24_000)),
  );
  const stream: PcmStream = {
    sampleRate: 24_000,
    chunks: (async function* () {
      yield samples;
    })(),
  };
  return await Array.fromAsync(encodeOpus(stream));
}
