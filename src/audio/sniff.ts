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

/**
 * Which of FFmpeg's readers an upload needs, by its bytes and never by its name; the reader is then
 * forced, so that no file is taken for a playlist or a script.
 * @throws UserError E_ATT_EMPTY, E_ATT_TYPE, E_AUDIO_DECODE for bytes that look like nothing.
 */
export async function sniffDemuxer(bytes: Uint8Array): Promise<string> {
  if (bytes.byteLength === 0) throw new UserError({ code: 'E_ATT_EMPTY' });
  const type = await fileTypeFromBuffer(bytes);
  const demuxer = DEMUXERS[type?.ext ?? ''];
  if (demuxer !== undefined) return demuxer;
  const looksLikeNothing = type === undefined && !isUtf8(bytes.subarray(0, 4096));
  throw new UserError({ code: looksLikeNothing ? 'E_AUDIO_DECODE' : 'E_ATT_TYPE' });
}
