import type { PacketBatch } from './packet-batch.ts';

/** Packets that wait to be sent, in batches as they came: thousands of small objects would cost more than they hold. */
export class PacketQueue {
  readonly #batches: PacketBatch[] = [];
  /** Where the first packet is in its batch. */
  #index = 0;
  #offset = 0;
  #first: Buffer | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view into its batch, the same one until it is dropped. */
  get first(): Buffer | undefined {
    const [batch] = this.#batches;
    if (!batch) return undefined;
    const { bytes, sizes } = batch;
    this.#first ??= Buffer.from(
      bytes.buffer,
      bytes.byteOffset + this.#offset,
      sizes[this.#index] ?? 0,
    );
    return this.#first;
  }

  push(batch: PacketBatch): void {
    if (batch.sizes.length === 0) return;
    this.#batches.push(batch);
    this.#length += batch.sizes.length;
  }

  dropFirst(): void {
    const [batch] = this.#batches;
    if (!batch) return;
    this.#first = undefined;
    this.#length -= 1;
    this.#offset += batch.sizes[this.#index] ?? 0;
    this.#index += 1;
    if (this.#index < batch.sizes.length) return;
    this.#batches.shift();
    this.#index = 0;
    this.#offset = 0;
  }
}
