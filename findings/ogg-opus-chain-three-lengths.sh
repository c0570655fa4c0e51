#!/usr/bin/env bash
# Two Ogg Opus streams of one second, chained (RFC 3533: just written one after the other), last
# one, two or three seconds, as one asks.
#
# One would guess: two seconds, or an error from readers that do not know chaining.
# What happens, each time without an error:
#   FFmpeg (@ffmpeg/core 0.12.10) gives two seconds.
#   ogg-opus-decoder 1.7.5, decodeFile: three; behind the sound there is a second of silence.
#   prism-media 1.3.5, OggDemuxer: one; it hands on no packet of the second stream.
#   music-metadata 11.16.1: a duration of one second.
# Who is hurt: bots that join sentences or record internet radio, where a new title is a new
#   stream: half is never heard, or players wait in silence for a length that is not there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --loglevel=error --no-audit --no-fund \
  ogg-opus-decoder@1.7.5 prism-media@1.3.5 music-metadata@11.16.1 @ffmpeg/core@0.12.10 >>npm.log

cat >find.mjs <<'JS'
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { parseBuffer } from 'music-metadata';
import { OggOpusDecoder } from 'ogg-opus-decoder';
import prism from 'prism-media';

// FFmpeg's module expects the scope of a browser's worker.
Object.assign(globalThis, { self: globalThis, location: { href: import.meta.url } });
const { default: create } = await import('@ffmpeg/core');
const wasm = new URL('ffmpeg-core.wasm', import.meta.resolve('@ffmpeg/core'));
const ffmpeg = await create({ wasmBinary: await readFile(wasm) });
ffmpeg.setLogger(() => {});

// Each stream of a chain needs a serial number of its own.
const first = makeSecond('1');
const chain = Buffer.concat([first, makeSecond('2')]);

const seconds = {
  ffmpeg: viaFfmpeg(chain),
  decodeFile: await viaDecoder(chain),
  prism: Math.round((await packetsOf(chain)) / (await packetsOf(first))),
  metadata: (await parseBuffer(chain)).format.duration,
};
const found = Object.values(seconds).join() === '2,3,1,1';
console.log(
  `${found ? 'as found' : 'changed'}: one second of Ogg Opus and another chained: ` +
    `FFmpeg ${seconds.ffmpeg} s, ogg-opus-decoder 1.7.5 ${seconds.decodeFile} s, ` +
    `prism-media 1.3.5 ${seconds.prism} s, music-metadata 11.16.1 ${seconds.metadata} s`,
);
process.exitCode = found ? 0 : 1;

function makeSecond(serial) {
  const stream = ['-fflags', '+bitexact', '-serial_offset', serial];
  ffmpeg.exec('-y', '-f', 'lavfi', '-i', 'sine=d=1:r=48000', '-c:a', 'libopus', ...stream, 'a.opus');
  return Buffer.from(ffmpeg.FS.readFile('a.opus'));
}

function viaFfmpeg(file) {
  ffmpeg.FS.writeFile('in.opus', file);
  ffmpeg.exec('-y', '-i', 'in.opus', '-f', 'f32le', '-ac', '1', 'out.raw');
  return ffmpeg.FS.readFile('out.raw').byteLength / 4 / 48_000;
}

async function viaDecoder(file) {
  const decoder = new OggOpusDecoder();
  await decoder.ready;
  const { samplesDecoded, errors } = await decoder.decodeFile(file);
  return errors.length ? NaN : samplesDecoded / 48_000;
}

async function packetsOf(file) {
  const packets = Readable.from([file]).pipe(new prism.opus.OggDemuxer());
  return (await packets.toArray()).length;
}
JS
node find.mjs
