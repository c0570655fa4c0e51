/** Several packets in one buffer, which is moved to another thread, not copied packet by packet. */
export interface PacketBatch {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sizes: Uint16Array<ArrayBuffer>;
}

export function packPackets(packets: readonly Uint8Array[]): PacketBatch {
  const sum = packets.reduce((total, { byteLength }) => total + byteLength, 0);
  const sizesBytes = packets.length * Uint16Array.BYTES_PER_ELEMENT;
  const buffer = new ArrayBuffer(sizesBytes + sum);
  const sizes = new Uint16Array(buffer, 0, packets.length);
  const bytes = new Uint8Array(buffer, sizesBytes);
  let offset = 0;
  for (const [index, packet] of packets.entries()) {
    sizes[index] = packet.byteLength;
    bytes.set(packet, offset);
    offset += packet.byteLength;
  }
  return { bytes, sizes };
}
