import { expect } from 'vitest';
import type { Listener } from './listener.ts';

/** Sequence +1 and timestamp +960 from packet to packet, silence included. */
export function expectContiguous({ packets }: Listener): void {
  for (const [index, packet] of packets.entries()) {
    const before = packets[index - 1];
    if (!before) continue;
    expect((packet.sequence - before.sequence) & 0xffff).toBe(1);
    expect((packet.timestamp - before.timestamp) >>> 0).toBe(960);
  }
}
