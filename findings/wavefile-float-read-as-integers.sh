#!/usr/bin/env bash
# wavefile 11.0.0: floating point in a WAVE_FORMAT_EXTENSIBLE file is read as whole numbers.
#
# One would guess: a library for all of WAV reads the subformat of an extensible header (it keeps
#   it in fmt.subformat), or refuses one that it does not know.
# What happens: only the outer format tag is looked at. The bits of each float are taken for a
#   32-bit integer: no error, and a whisper is nearly as loud as a shout (0.5 becomes 1056964608,
#   0.001 becomes 981668463). The same samples under the plain float tag are read right.
# Who is hurt: whoever takes files from FFmpeg, which writes float WAV in this form, or from audio
#   workstations: every length and rate is right, so that only ears find it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --loglevel=error --no-audit --no-fund wavefile@11.0.0 @ffmpeg/core@0.12.10 >>npm.log

cat >find.mjs <<'JS'
import { readFile } from 'node:fs/promises';
import wavefile from 'wavefile';

// FFmpeg's module expects the scope of a browser's worker.
Object.assign(globalThis, { self: globalThis, location: { href: import.meta.url } });
const { default: create } = await import('@ffmpeg/core');
const wasm = new URL('ffmpeg-core.wasm', import.meta.resolve('@ffmpeg/core'));
const ffmpeg = await create({ wasmBinary: await readFile(wasm) });
ffmpeg.setLogger(() => {});

// A steady 0.5, as floats, with either header.
const steady = ['-f', 'lavfi', '-i', 'aevalsrc=0.5:d=0.1:s=48000', '-c:a', 'pcm_f32le'];
ffmpeg.exec(...steady, 'extensible.wav');
ffmpeg.exec(...steady, '-f', 'f32le', 'bare.raw');
const bare = new Float32Array(ffmpeg.FS.readFile('bare.raw').buffer);
const plain = new wavefile.WaveFile();
plain.fromScratch(1, 48_000, '32f', bare);

const results = [plain.toBuffer(), ffmpeg.FS.readFile('extensible.wav')].map((file) => {
  const wav = new wavefile.WaveFile(file);
  const tag = `0x${wav.fmt.audioFormat.toString(16)}`;
  const [, , , , sample] = wav.getSamples(false, Float64Array);
  return `${tag} ${wav.bitDepth} ${sample}`;
});
const found = bare[4] === 0.5 && results.join() === '0x3 32f 0.5,0xfffe 32 1056964608';
console.log(
  `${found ? 'as found' : 'changed'}: wavefile 11.0.0 reads floats of 0.5 (format tag, bit depth, ` +
    `sample): with the plain header ${results[0]}, with an extensible one ${results[1]}`,
);
process.exitCode = found ? 0 : 1;
JS
node find.mjs
