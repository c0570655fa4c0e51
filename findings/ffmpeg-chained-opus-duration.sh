#!/bin/sh
# FFmpeg (as in @ffmpeg/core 0.12.10) on chained Ogg Opus: two files of exactly one second, strung together.
# One would guess: the duration told is that of what comes out, or none, as for other streams of unknown length.
# What happens: two seconds come out, whole, and the duration told is 1.01 s, as long as one of the two,
# without a word that it is an estimate.
# Hurt: whoever shows a length or how far along something is by `Duration`: it is at its end half-way through,
# and a time-line that is made from it is too short.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @ffmpeg/core@0.12.10
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
import { ffmpeg } from './ffmpeg.mjs';
const make = (serial) =>
  ffmpeg(`-f lavfi -i sine=f=440:r=48000:d=1 -c:a libopus -serial_offset ${serial} -flags +bitexact -fflags +bitexact a.ogg`, {}, 'a.ogg');
const [one, other] = [(await make(5)).bytes, (await make(9)).bytes];
async function read(chain) {
  const { bytes, log } = await ffmpeg('-i in.ogg -f s16le -ac 1 -ar 48000 out.pcm', { 'in.ogg': chain }, 'out.pcm');
  return [bytes.length / 2, /Duration: ([\d:.]+)/.exec(log.join('\n'))?.[1]];
}
const seen = { alone: await read(one), chain: await read(Buffer.concat([one, other])) };
console.log('[samples, duration told]', seen);
assert.deepEqual(seen, { alone: [48_000, '00:00:01.01'], chain: [96_000, '00:00:01.01'] });
JS
node seen.mjs
