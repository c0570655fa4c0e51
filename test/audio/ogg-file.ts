import { Encoder } from '@evan/opus';

/** A page as somebody writes it, true or not. */
export interface PageSpec {
  readonly packets: readonly Uint8Array[];
  /** The last packet goes on, on the next page. @default false */
  readonly isOpen?: boolean;
  /** 1 continued, 2 first, 4 last. @default 0 */
  readonly flags?: number;
  readonly position?: number;
  readonly serial?: number;
  readonly number: number;
}

/** One Ogg page, its sum included. */
export function writePage({ packets, isOpen = false, flags = 0, ...page }: PageSpec): Buffer {
  const { position = 0, serial = 7, number } = page;
  const body = Buffer.concat(packets);
  const lacing = packets.flatMap(({ byteLength }, index) => {
    const full = Array<number>(Math.floor(byteLength / 255)).fill(255);
    return isOpen && index === packets.length - 1 ? full : [...full, byteLength % 255];
  });
  const head = Buffer.alloc(27);
  head.write('OggS', 0, 'latin1');
  head.writeUInt8(flags, 5);
  head.writeBigInt64LE(BigInt(position), 6);
  head.writeUInt32LE(serial, 14);
  head.writeUInt32LE(number, 18);
  head.writeUInt8(lacing.length, 26);
  const bytes = Buffer.concat([head, Uint8Array.from(lacing), body]);
  bytes.writeUInt32LE(sumOf(bytes), 22);
  return bytes;
}

export interface OggSpec {
  readonly packets: readonly Uint8Array[];
  readonly serial?: number;
  readonly channels?: number;
  readonly preSkip?: number;
  /** In 256ths of a decibel. @default 0 */
  readonly gain?: number;
  /** @default 50 */
  readonly packetsAPage?: number;
  /** Samples at 48 kHz of each packet. @default 960 */
  readonly samples?: number;
  /** What the last page says; by default what there is. */
  readonly end?: number;
}

/** An Ogg Opus file, page by page. */
export function writeOgg(spec: OggSpec): readonly Buffer[] {
  const { packets, serial = 7, packetsAPage = 50, samples = 960 } = spec;
  const { end = packets.length * samples } = spec;
  const pages = [
    writePage({ packets: [opusHead(spec)], flags: 2, serial, number: 0 }),
    writePage({ packets: [opusTags()], serial, number: 1 }),
  ];
  for (let from = 0; from < packets.length; from += packetsAPage) {
    const here = packets.slice(from, from + packetsAPage);
    const isLast = from + here.length === packets.length;
    pages.push(
      writePage({
        packets: here,
        flags: isLast ? 4 : 0,
        position: isLast ? end : (from + here.length) * samples,
        serial,
        number: pages.length,
      }),
    );
  }
  return pages;
}

export function opusHead({ channels = 1, preSkip = 312, gain = 0 }: Partial<OggSpec> = {}): Buffer {
  const head = Buffer.alloc(19);
  head.write('OpusHead', 0, 'latin1');
  head.writeUInt8(1, 8);
  head.writeUInt8(channels, 9);
  head.writeUInt16LE(preSkip, 10);
  head.writeUInt32LE(24_000, 12);
  head.writeInt16LE(gain, 16);
  return head;
}

/** @param bytes how long its vendor's name is. */
export function opusTags(bytes = 6): Buffer {
  const tags = Buffer.alloc(16 + bytes);
  tags.write('OpusTags', 0, 'latin1');
  tags.writeUInt32LE(bytes, 8);
  tags.fill('stand-in', 12, 12 + bytes);
  return tags;
}

export interface OpusSpec {
  /** Samples at 48 kHz of each packet: 2.5 to 60 ms. */
  readonly frame: number;
  readonly bitrate: number;
  readonly application?: 'audio' | 'voip';
}

/** Mono sound at 48 kHz as Opus packets of one frame each; a last one that is not full is left out. */
export function encodeFrames(samples: Int16Array, spec: OpusSpec): readonly Uint8Array[] {
  const { frame, bitrate, application = 'audio' } = spec;
  const encoder = new Encoder({ channels: 1, sample_rate: 48_000, application });
  encoder.bitrate = bitrate;
  return Array.from({ length: Math.floor(samples.length / frame) }, (_, index) =>
    encoder.encode(samples.slice(index * frame, (index + 1) * frame)).slice(),
  );
}

/** CRC-32 without reflection, its own field being zero. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) sum = sum < 0 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  }
  return sum >>> 0;
}
