import { isUtf8 } from 'node:buffer';
import { fileTypeFromBuffer } from 'file-type';
import { UserError } from '../domain/errors.ts';

/** The containers people's recordings come in, by what file-type calls them, and FFmpeg's reader of each. */
const DEMUXERS: Readonly<Record<string, string>> = {
  mp3: 'mp3',
  wav: 'wav',
  flac: 'flac',
  ogg: 'ogg',
  oga: 'ogg',
  ogv: 'ogg',
  opus: 'ogg',
  spx: 'ogg',
  m4a: 'mov',
  m4b: 'mov',
  m4v: 'mov',
  mp4: 'mov',
  mov: 'mov',
  '3gp': 'mov',
  '3g2': 'mov',
  f4v: 'mov',
  webm: 'matroska',
  mkv: 'matroska',
  mka: 'matroska',
  aac: 'aac',
  caf: 'caf',
  amr: 'amr',
};

/** What a file is stands at its beginning; nothing beyond is worth the main thread's time. */
const SNIFFED_BYTES = 64 * 1024;
const ID3_HEADER_BYTES = 10;

/**
 * Which of FFmpeg's readers an upload needs, by its bytes and never by its name; the reader is then
 * forced, so that no file is taken for a playlist or a script.
 * @throws UserError E_ATT_EMPTY, E_ATT_TYPE, E_AUDIO_DECODE for bytes that look like nothing.
 */
export async function sniffDemuxer(bytes: Uint8Array): Promise<string> {
  if (bytes.byteLength === 0) throw new UserError({ code: 'E_ATT_EMPTY' });
  const tagBytes = id3Length(bytes);
  const head = bytes.subarray(tagBytes, tagBytes + SNIFFED_BYTES);
  const type = await fileTypeFromBuffer(head);
  const demuxer = DEMUXERS[type?.ext ?? ''];
  if (demuxer !== undefined) return demuxer;
  // Between its tag and its sound an mp3 may hold anything, and the reader looks for the sound.
  if (type === undefined && tagBytes > 0) return 'mp3';
  const looksLikeNothing = type === undefined && !isText(head.subarray(0, 4096));
  throw new UserError({ code: looksLikeNothing ? 'E_AUDIO_DECODE' : 'E_ATT_TYPE' });
}

/** How long the tag in front is, which may hold a picture larger than all that is looked at. */
function id3Length(bytes: Uint8Array): number {
  const [i, d, three, , , , a = 0, b = 0, c = 0, e = 0] = bytes;
  if (i !== 0x49 || d !== 0x44 || three !== 0x33) return 0;
  // Seven bits of each byte count.
  return ID3_HEADER_BYTES + (((a << 21) | (b << 14) | (c << 7) | e) & 0xfff_ffff);
}

/** Whether it is UTF-8, the last character of which may be cut. */
function isText(bytes: Uint8Array): boolean {
  return [0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, bytes.byteLength - cut)));
}
