#!/bin/sh
# mpg123-decoder 1.0.3 with gapless decoding (its default) on mp3 files strung together, as people join
# them with `cat` and servers that make speech sentence by sentence send them.
# One would guess: each file is trimmed as its LAME tag says, or none is.
# What happens: a second alone gives exactly 24,000 samples, and two of them joined 49,920: only the
# first is trimmed, and behind it come the second's encoder delay, its padding and its tag frame as
# sound, 80 ms in all. `enableGapless: false` does not make it even either: 25,344, joined 51,264 = 576
# (one more granule) over twice that.
# Hurt: whoever measures or plays joined speech: pauses at the seams, and times that drift.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund mpg123-decoder@1.0.3 @ffmpeg/core@0.12.10
cat > ffmpeg.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
Object.assign(globalThis, { self: globalThis, location: { href: import.meta.url } });
const { default: create } = await import('@ffmpeg/core');
const wasm = readFileSync(createRequire(import.meta.url).resolve('@ffmpeg/core/wasm'));
/** Runs FFmpeg in memory: the file `out` of it, and what it printed. */
export async function ffmpeg(args, files, out) {
  const core = await create({ wasmBinary: wasm });
  const log = [];
  core.setLogger(({ message }) => log.push(message));
  for (const [name, bytes] of Object.entries(files)) core.FS.writeFile(name, bytes);
  core.exec('-hide_banner', ...args.split(' '));
  return { bytes: Buffer.from(core.FS.readFile(out)), log };
}
JS
cat > seen.mjs <<'JS'
import assert from 'node:assert/strict';
import { MPEGDecoder } from 'mpg123-decoder';
import { ffmpeg } from './ffmpeg.mjs';
const { bytes } = await ffmpeg('-f lavfi -i sine=f=440:r=24000:d=1 -c:a libmp3lame -b:a 64k a.mp3', {}, 'a.mp3');
async function count(file, enableGapless) {
  const decoder = new MPEGDecoder({ enableGapless });
  await decoder.ready;
  return decoder.decode(file).samplesDecoded;
}
const seen = {};
for (const gapless of [true, false])
  seen[gapless ? 'gapless' : 'plain'] = [
    await count(bytes, gapless),
    await count(Buffer.concat([bytes, bytes]), gapless),
  ];
console.log('[one file, two joined]', seen);
assert.deepEqual(seen, { gapless: [24_000, 49_920], plain: [25_344, 51_264] });
JS
node seen.mjs
