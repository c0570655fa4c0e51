#!/usr/bin/env bash
# ogg-opus-decoder 1.7.5 and music-metadata 11.16.1: the output gain of an Ogg Opus file is lost.
#
# One would guess: a decoder that names its format Ogg Opus plays a file as loud as FFmpeg does;
#   RFC 7845 (section 5.1) says that players should apply the header's output gain.
# What happens: of two files that differ only in their gain (0 and -20 dB) FFmpeg makes one twenty
#   decibels quieter. ogg-opus-decoder makes them the same, and neither its answer nor
#   music-metadata, asked for all it knows of the file, has the figure, so that it cannot be mended.
# Who is hurt: whoever decodes files from others: those whose loudness was set in the header without
#   encoding anew, as r128gain --opus-output-gain does, come out far too loud or too quiet.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --loglevel=error --no-audit --no-fund \
  ogg-opus-decoder@1.7.5 music-metadata@11.16.1 @ffmpeg/core@0.12.10 >>npm.log

cat >find.mjs <<'JS'
import { readFile } from 'node:fs/promises';
import { parseBuffer } from 'music-metadata';
import { OggOpusDecoder } from 'ogg-opus-decoder';

// FFmpeg's module expects the scope of a browser's worker.
Object.assign(globalThis, { self: globalThis, location: { href: import.meta.url } });
const { default: create } = await import('@ffmpeg/core');
const wasm = new URL('ffmpeg-core.wasm', import.meta.resolve('@ffmpeg/core'));
const ffmpeg = await create({ wasmBinary: await readFile(wasm) });
ffmpeg.setLogger(() => {});

ffmpeg.exec('-f', 'lavfi', '-i', 'sine=d=1:r=48000', '-c:a', 'libopus', 'made.opus');
const plain = Buffer.from(ffmpeg.FS.readFile('made.opus'));
const quiet = withGain(plain, -20);
const byFfmpeg = decibels(viaFfmpeg(plain), viaFfmpeg(quiet));
const byDecoder = decibels(await viaDecoder(plain), await viaDecoder(quiet));
const told = [plain, quiet].map(async (file) => {
  const { native, format, common } = await parseBuffer(file);
  return JSON.stringify([native, format, common]);
});
const toldApart = new Set(await Promise.all(told)).size > 1;

const found = byFfmpeg === -20 && byDecoder === 0 && !toldApart;
console.log(
  `${found ? 'as found' : 'changed'}: a gain of -20 dB in the header: FFmpeg ${byFfmpeg} dB, ` +
    `ogg-opus-decoder 1.7.5 ${byDecoder} dB, music-metadata 11.16.1 ` +
    `${toldApart ? 'tells' : 'does not tell'} the files apart`,
);
process.exitCode = found ? 0 : 1;

/** The gain is at byte 16 of the header, in 1/256 dB; the first page holds the header alone. */
function withGain(file, gain) {
  const changed = Buffer.from(file);
  changed.writeInt16LE(gain * 256, changed.indexOf('OpusHead') + 16);
  const page = changed.subarray(0, 27 + changed[26] + changed[27]);
  page.writeUInt32LE(0, 22);
  page.writeUInt32LE(oggChecksum(page), 22);
  return changed;
}

function oggChecksum(page) {
  let sum = 0;
  for (const byte of page) {
    sum ^= byte << 24;
    for (let bit = 0; bit < 8; bit++) sum = (sum << 1) ^ (sum < 0 ? 0x04c11db7 : 0);
  }
  return sum >>> 0;
}

function viaFfmpeg(file) {
  ffmpeg.FS.writeFile('in.opus', file);
  ffmpeg.exec('-y', '-i', 'in.opus', '-f', 'f32le', 'out.raw');
  return new Float32Array(ffmpeg.FS.readFile('out.raw').buffer);
}

async function viaDecoder(file) {
  const decoder = new OggOpusDecoder();
  await decoder.ready;
  return (await decoder.decodeFile(file)).channelData[0];
}

function decibels(before, after) {
  const power = (samples) => samples.reduce((sum, sample) => sum + sample ** 2, 0);
  return Math.round(10 * Math.log10(power(after) / power(before))) + 0;
}
JS
node find.mjs
