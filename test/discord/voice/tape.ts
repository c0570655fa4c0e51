/**
 * Messages with the moment each came, in a few large buffers: thousands of small objects would keep
 * the garbage collector busy, which would then be what is measured.
 */
export interface Tape {
  record(message: Buffer, at: number): void;
  /** Gives them in the order they came, and forgets them. */
  play(): Generator<{ message: Buffer; at: number }>;
}

const REEL_BYTES = 4 << 20;
/** The moment, then the length. */
const HEAD_BYTES = 8 + 2;

export function createTape(): Tape {
  let reels: { bytes: Buffer; end: number }[] = [];

  return {
    record(message, at) {
      let reel = reels.at(-1);
      if (!reel || reel.end + HEAD_BYTES + message.byteLength > REEL_BYTES) {
        reel = { bytes: Buffer.allocUnsafeSlow(REEL_BYTES), end: 0 };
        reels.push(reel);
      }
      const { bytes, end } = reel;
      bytes.writeDoubleLE(at, end);
      bytes.writeUInt16LE(message.byteLength, end + 8);
      bytes.set(message, end + HEAD_BYTES);
      reel.end = end + HEAD_BYTES + message.byteLength;
    },
    *play() {
      const played = reels;
      reels = [];
      for (const { bytes, end } of played) {
        for (let from = 0; from < end; ) {
          const next = from + HEAD_BYTES + bytes.readUInt16LE(from + 8);
          yield {
            at: bytes.readDoubleLE(from),
            message: bytes.subarray(from + HEAD_BYTES, next),
          };
          from = next;
        }
      }
    },
  };
}
