import { NotAudioError } from './not-audio-error.ts';
import { createOggReader } from './ogg.ts';
import { type OpusPacket, parseOpus } from './opus-packet.ts';

/** What an Ogg Opus file consists of, in this order; a file of several streams starts again. */
export type OpusPart =
  | ({ readonly kind: 'start' } & OpusStart)
  /** @property samples how many of the packet's samples are heard: at the end not all of them. */
  | { readonly kind: 'packet'; readonly packet: OpusPacket; readonly samples: number };

/** What a stream says of itself (RFC 7845, section 5.1). */
export interface OpusStart {
  readonly channels: 1 | 2;
  /** How many samples at 48 kHz come before the sound. */
  readonly preSkip: number;
  /** By how much the decoded sound is to be amplified, in 256ths of a decibel. */
  readonly gain: number;
}

const HEAD = Buffer.from('OpusHead');
const TAGS = Buffer.from('OpusTags');
const HEAD_BYTES = 19;
/** Sound starts right behind the tags; so many bytes without any are no speech. */
const MAX_SILENT_BYTES = 64 * 1024;

/**
 * Reads Ogg Opus (RFC 7845) of one or two channels as it arrives: each packet as soon as its bytes
 * are there. Streams strung together are read one after the other; junk between pages is passed
 * over.
 * @throws NotAudioError for anything else, also while it is read, and in the end where a stream breaks
 * off in the middle of a page: what is whole of it has then been handed out.
 */
export async function* readOggOpus(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<OpusPart> {
  const ogg = createOggReader(isHead);
  let measure = createMeasure();
  let silentBytes = 0;
  for await (const piece of bytes) {
    silentBytes += piece.byteLength;
    for (const { bytes: content, isCut, page, endsPage } of ogg.read(piece)) {
      if (isHead(content)) {
        measure = createMeasure();
        yield { kind: 'start', ...readHead(content) };
        continue;
      }
      if (content.byteLength === 0 || startsWith(content, TAGS)) continue;
      if (isCut) throw new NotAudioError('an Opus packet that is far too large');
      const packet = parseOpus(content);
      const samples = packet.frames.length * packet.frameSamples;
      silentBytes = 0;
      yield { kind: 'packet', packet, samples: measure(samples, page, endsPage) };
    }
    if (silentBytes > MAX_SILENT_BYTES) throw new NotAudioError('no Ogg Opus, though called one');
  }
  if (!ogg.isWhole()) throw new NotAudioError('Ogg Opus that breaks off');
}

/**
 * Follows a stream to find where it ends: its last page says up to where it is to be heard.
 * @returns how many samples of the next packet are.
 */
function createMeasure() {
  let over = 0;
  /** How far the stream was when it was begun to be recorded; told by the first page. */
  let origin: number | undefined;
  let pageStart = 0;

  return (samples: number, page: { isLast: boolean; position: number }, endsPage: boolean) => {
    const end = page.position - (origin ?? 0);
    // An end before its own page is none that was written down.
    const isTold = page.isLast && end > pageStart;
    const heard = isTold ? Math.max(0, Math.min(samples, end - over)) : samples;
    over += samples;
    if (endsPage) {
      origin ??= Math.max(0, page.position - over);
      pageStart = over;
    }
    return heard;
  };
}

function isHead(packet: Uint8Array): boolean {
  return startsWith(packet, HEAD);
}

function startsWith(packet: Uint8Array, start: Buffer): boolean {
  return start.equals(packet.subarray(0, start.byteLength));
}

/** @throws NotAudioError where it is of another version, or of more than two channels. */
function readHead(head: Uint8Array): OpusStart {
  const view = Buffer.from(head);
  if (view.byteLength < HEAD_BYTES) throw new NotAudioError('an Ogg Opus head that is cut');
  const [version, channels] = [view.readUInt8(8), view.readUInt8(9)];
  if (version > 15 || (channels !== 1 && channels !== 2))
    throw new NotAudioError(`Ogg Opus of version ${version}, ${channels} channels`);
  return { channels, preSkip: view.readUInt16LE(10), gain: view.readInt16LE(16) };
}
