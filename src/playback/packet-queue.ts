import type { PacketBatch } from './packet-batch.ts';

/** Packets that wait to be sent, in batches as they came: thousands of small objects would cost more than they hold. */
export class PacketQueue {
  readonly #batches: PacketBatch[] = [];
  /** Where the first packet is in its batch. */
  #index = 0;
  #offset = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The first ones, so many of them at most: views into their batches. */
  first(most: number): Buffer[] {
    const found: Buffer[] = [];
    let [index, offset] = [this.#index, this.#offset];
    for (const { bytes, sizes } of this.#batches) {
      for (const size of sizes.subarray(index, index + most - found.length)) {
        found.push(Buffer.from(bytes.buffer, bytes.byteOffset + offset, size));
        offset += size;
      }
      if (found.length === most) break;
      [index, offset] = [0, 0];
    }
    return found;
  }

  push(batch: PacketBatch): void {
    if (batch.sizes.length === 0) return;
    this.#batches.push(batch);
    this.#length += batch.sizes.length;
  }

  dropFirst(): void {
    const [batch] = this.#batches;
    if (!batch) return;
    this.#length -= 1;
    this.#offset += batch.sizes[this.#index] ?? 0;
    this.#index += 1;
    if (this.#index < batch.sizes.length) return;
    this.#batches.shift();
    this.#index = 0;
    this.#offset = 0;
  }
}
