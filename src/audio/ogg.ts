import { createPageReader, type OggPage } from './ogg-pages.ts';

/** A packet of an Ogg file. */
export interface OggPacket {
  readonly bytes: Uint8Array;
  /** It is longer than any sound: only its beginning is here. */
  readonly isCut: boolean;
  /** The page it ends on. */
  readonly page: OggPage;
  /** The last to end there, which is what the page's position is about. */
  readonly endsPage: boolean;
}

export interface OggReader {
  read(piece: Uint8Array): Generator<OggPacket>;
  /**
   * Whether no stream broke off so far in the middle of a page or of a packet. Not every encoder
   * marks the last page, so one that ends between two pages is taken to be whole.
   */
  isWhole(): boolean;
}

/** The most that two channels of Opus can need (RFC 7845, section 4). */
const MAX_PACKET_BYTES = 61_440;

/**
 * Reads a stream of an Ogg file, piece by piece: each piece gives the packets that end in it, be
 * their page whole or not. A stream that begins later takes the place of the one before; a packet of
 * which a part is missing is passed over. Nothing but the packet that is being read is held; those
 * handed out may be views of the pieces.
 * @param isWanted whether the stream that begins with this packet is to be read.
 */
export function createOggReader(isWanted: (first: Uint8Array) => boolean): OggReader {
  const readPages = createPageReader();
  let page: OggPage | undefined;
  let serial: number | undefined;
  /** What is there of a packet; undefined while one is passed over. */
  let parts: Uint8Array[] | undefined;
  let size = 0;
  /** Whether all that has begun of the stream is here: now, and before the current page. */
  let mayEnd = true;
  let couldEnd = true;
  /** Whether that was so of each stream before this one. */
  let wereWhole = true;

  function turnTo(next: OggPage): void {
    couldEnd = mayEnd;
    const isNext = next.number === (page?.number ?? 0) + 1;
    page = next;
    if (!next.isContinued) start();
    else if (!isNext || size === 0) parts = undefined;
  }

  function start(): void {
    parts = [];
    size = 0;
  }

  function* read(piece: Uint8Array): Generator<OggPacket> {
    for (const fragment of readPages(piece)) {
      // Those of other streams lie in between, and are no part of this one.
      if (!fragment.page.isFirst && fragment.page.serial !== serial) continue;
      if (fragment.page !== page) turnTo(fragment.page);
      const { bytes, endsPacket, endsPage, isPageOver } = fragment;
      size += bytes.byteLength;
      if (bytes.byteLength > 0) parts?.push(bytes);
      const isCut = size > MAX_PACKET_BYTES;
      if (parts && (endsPacket || isCut)) {
        const packet = join(parts);
        if (isWanted(packet)) {
          serial = fragment.page.serial;
          wereWhole &&= couldEnd;
        }
        if (serial === fragment.page.serial)
          yield { bytes: packet, isCut, page: fragment.page, endsPage };
        parts = undefined;
      }
      if (endsPacket) start();
      if (serial === fragment.page.serial) mayEnd = isPageOver && size === 0;
    }
  }

  return {
    read,
    isWhole: () => wereWhole && mayEnd,
  };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return first && parts.length === 1 ? first : Buffer.concat(parts);
}
