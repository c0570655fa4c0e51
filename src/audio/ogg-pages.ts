/** The header of a page. */
export interface OggPage {
  /** It begins with the rest of a packet. */
  readonly isContinued: boolean;
  /** The stream begins or ends with it. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** How much of the stream is over with the last packet that ends on it; -1 where none does. */
  readonly position: number;
  readonly serial: number;
  readonly number: number;
}

/** As much of a packet as came in one piece. */
export interface OggFragment {
  readonly page: OggPage;
  readonly bytes: Uint8Array;
  readonly endsPacket: boolean;
  /** No packet after it ends on its page. */
  readonly endsPage: boolean;
  /** Nothing of its page comes after it. */
  readonly isPageOver: boolean;
}

const MAGIC = 'OggS';
/** With its version; five bytes that no sound holds by chance. */
const PAGE_START = `${MAGIC}\0`;
const HEADER_BYTES = 27;
/** The flags there are. */
const IS_CONTINUED = 1;
const IS_FIRST = 2;
const IS_LAST = 4;
/** A stretch of this length goes on. */
const FULL = 255;

/**
 * Takes the pages of an Ogg file (RFC 3533) apart, piece by piece: each piece gives what it holds of
 * packets, as views. What is no page is passed over; a page ends early where another begins in it.
 * Sums are not checked, for which all of a page would have to be there. At most one header is held.
 */
export function createPageReader(): (piece: Uint8Array) => Generator<OggFragment> {
  let kept: Uint8Array = new Uint8Array(0);
  let body: Body | undefined;

  return function* read(piece) {
    let bytes = kept.byteLength > 0 ? Buffer.concat([kept, piece]) : asBuffer(piece);
    for (;;) {
      if (!body) {
        const found = findBody(bytes);
        bytes = bytes.subarray(found.offset);
        if (!found.body) {
          kept = bytes;
          return;
        }
        body = found.body;
      }
      const { page, stretches } = body;
      let intact = intactBytes(bytes, body);
      for (let next = stretches[0]; next; next = stretches[0]) {
        if (next.left > intact) {
          const nothing = bytes.subarray(0, 0);
          yield { page, bytes: nothing, endsPacket: false, endsPage: false, isPageOver: false };
          bytes = bytes.subarray(intact);
          break;
        }
        const part = bytes.subarray(0, next.left);
        bytes = bytes.subarray(part.byteLength);
        intact -= part.byteLength;
        next.left -= part.byteLength;
        const isWhole = next.left === 0;
        if (isWhole) stretches.shift();
        const endsPacket = isWhole && next.endsPacket;
        const endsPage = endsPacket && !stretches.some((later) => later.endsPacket);
        yield { page, bytes: part, endsPacket, endsPage, isPageOver: stretches.length === 0 };
        if (isWhole) continue;
        kept = bytes;
        return;
      }
      body = undefined;
    }
  };
}

/** A page of which the header is read. */
interface Body {
  readonly page: OggPage;
  readonly stretches: Stretch[];
}

/** What lies on a page of one packet, and is still to be read. */
interface Stretch {
  left: number;
  readonly endsPacket: boolean;
}

/** Up to where a page is whole: one that breaks off has the next one begin where it should go on. */
function intactBytes(bytes: Buffer, { stretches }: Body): number {
  const start = bytes.indexOf(PAGE_START, 0, 'latin1');
  const length = stretches.reduce((sum, { left }) => sum + left, 0);
  return start === -1 || start >= length ? Infinity : start;
}

/** The first page in the bytes, or how many of them may be forgotten while there is none. */
function findBody(bytes: Buffer): { offset: number; body?: Body } {
  for (let from = 0; ; from += MAGIC.length) {
    const start = bytes.indexOf(MAGIC, from, 'latin1');
    if (start === -1) return { offset: Math.max(0, bytes.byteLength + 1 - MAGIC.length) };
    from = start;
    if (bytes.byteLength < start + HEADER_BYTES) return { offset: start };
    const flags = bytes.readUInt8(start + 5);
    if (bytes.readUInt8(start + 4) !== 0 || flags > (IS_CONTINUED | IS_FIRST | IS_LAST)) continue;
    const lacingAt = start + HEADER_BYTES;
    const bodyAt = lacingAt + bytes.readUInt8(lacingAt - 1);
    if (startsPage(bytes.subarray(start + MAGIC.length, bodyAt + MAGIC.length))) continue;
    if (bytes.byteLength < bodyAt) return { offset: start };
    const page = {
      isContinued: (flags & IS_CONTINUED) !== 0,
      isFirst: (flags & IS_FIRST) !== 0,
      isLast: (flags & IS_LAST) !== 0,
      position: Number(bytes.readBigInt64LE(start + 6)),
      serial: bytes.readUInt32LE(start + 14),
      number: bytes.readUInt32LE(start + 18),
    };
    const stretches = measure(bytes.subarray(lacingAt, bodyAt));
    // One without a packet still says that the stream is over.
    if (page.isLast && stretches.length === 0) stretches.push({ left: 0, endsPacket: true });
    return { offset: bodyAt, body: { page, stretches } };
  }
}

/** Whether a header breaks off, and another page begins in it. */
function startsPage(bytes: Buffer): boolean {
  return bytes.indexOf(PAGE_START, 0, 'latin1') !== -1;
}

function measure(lacing: Uint8Array): Stretch[] {
  const stretches: Stretch[] = [];
  let length = 0;
  for (const [index, value] of lacing.entries()) {
    length += value;
    const endsPacket = value < FULL;
    if (!endsPacket && index < lacing.length - 1) continue;
    stretches.push({ left: length, endsPacket });
    length = 0;
  }
  return stretches;
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
