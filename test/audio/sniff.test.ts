import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sniffDemuxer } from '../../src/audio/sniff.ts';
import {
  createRandom,
  createRecordings,
  hugePng,
  type Recordings,
  withCover,
} from './recordings.ts';

let recordings: Recordings;
beforeAll(async () => {
  recordings = await createRecordings();
});
afterAll(() => recordings[Symbol.asyncDispose]());

describe('sniffDemuxer', () => {
  test.each<readonly [string, readonly string[]]>([
    ['wav', ['-f', 'wav']],
    ['mp3', ['-c:a', 'libmp3lame', '-f', 'mp3']],
    ['mp3', ['-c:a', 'libmp3lame', '-id3v2_version', '0', '-write_xing', '0', '-f', 'mp3']],
    ['flac', ['-f', 'flac']],
    ['ogg', ['-c:a', 'libopus', '-ar', '48000', '-f', 'ogg']],
    ['ogg', ['-c:a', 'flac', '-f', 'ogg']],
    ['mov', ['-c:a', 'aac', '-f', 'ipod']],
    ['mov', ['-c:a', 'aac', '-f', 'mp4']],
    ['mov', ['-c:a', 'pcm_s16be', '-f', 'mov']],
    ['mov', ['-c:a', 'aac', '-f', '3gp']],
    ['matroska', ['-c:a', 'libopus', '-ar', '48000', '-f', 'webm']],
    ['matroska', ['-c:a', 'aac', '-f', 'matroska']],
    ['aac', ['-c:a', 'aac', '-f', 'adts']],
    ['caf', ['-f', 'caf']],
  ])('knows %s by its bytes (%j)', async (demuxer, args) => {
    expect(await sniffDemuxer(await recordings.encode(recordings.talk(1), args))).toBe(demuxer);
  });

  test('knows amr, and an old film without a brand', async () => {
    expect(await sniffDemuxer(Buffer.from('#!AMR\n\x3c'))).toBe('amr');
    expect(await sniffDemuxer(Buffer.from('\0\0\0\x08wide\0\0\0\x10mdat', 'latin1'))).toBe('mov');
  });

  test('looks behind a tag, however large it is', async () => {
    const picture = Buffer.concat([hugePng(4000), Buffer.alloc(200_000)]);
    for (const [args, demuxer] of [
      [['-c:a', 'libmp3lame', '-id3v2_version', '0', '-f', 'mp3'], 'mp3'],
      [['-f', 'flac'], 'flac'],
    ] as const) {
      const sound = await recordings.encode(recordings.talk(1), args);
      expect(await sniffDemuxer(withCover(sound, picture))).toBe(demuxer);
    }
    const padded = withCover(Buffer.alloc(500), picture);
    expect(await sniffDemuxer(padded)).toBe('mp3');
  });

  const random = createRandom(3);
  test.each<readonly [string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'E_ATT_EMPTY'],
    ['a picture', hugePng(100), 'E_ATT_TYPE'],
    ['an archive', Buffer.from('504b0304140000000800', 'hex'), 'E_ATT_TYPE'],
    ['a program', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(400)]), 'E_ATT_TYPE'],
    ['another program', Buffer.from('7f454c4602010100', 'hex'), 'E_ATT_TYPE'],
    ['a page', Buffer.from('<!doctype html><title>hi</title>'), 'E_ATT_TYPE'],
    ['a document', Buffer.from('%PDF-1.7\n%âãÏÓ\n', 'latin1'), 'E_ATT_TYPE'],
    ['a playlist', Buffer.from('#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n'), 'E_ATT_TYPE'],
    ['a script', Buffer.from("ffconcat version 1.0\nfile '/etc/passwd'\n"), 'E_ATT_TYPE'],
    ['a manifest', Buffer.from('<?xml version="1.0"?><MPD></MPD>'), 'E_ATT_TYPE'],
    ['a session description', Buffer.from('v=0\no=- 0 0 IN IP4 127.0.0.1\n'), 'E_ATT_TYPE'],
    ['a tune', Buffer.from('4d546864000000060001000100604d54726b', 'hex'), 'E_ATT_TYPE'],
    ['text in any language', Buffer.from('これは音ではありません。'.repeat(400)), 'E_ATT_TYPE'],
    [
      'random bytes',
      Uint8Array.from({ length: 5000 }, (_, at) => (at === 0 ? 0x80 : random() * 256)),
      'E_AUDIO_DECODE',
    ],
  ])('refuses %s', async (_, bytes, code) => {
    await expect(sniffDemuxer(bytes)).rejects.toMatchObject({ problem: { code } });
  });
});
