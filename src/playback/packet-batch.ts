/** Several packets as two buffers: what crosses to another thread is moved, not copied one by one. */
export interface PacketBatch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sizes: Uint16Array<ArrayBuffer>;
}

export function packPackets(packets: readonly Uint8Array[]): PacketBatch {
  const sizes = Uint16Array.from(packets, ({ byteLength }) => byteLength);
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let offset = 0;
  for (const packet of packets) {
    bytes.set(packet, offset);
    offset += packet.byteLength;
  }
  return { bytes, sizes };
}
