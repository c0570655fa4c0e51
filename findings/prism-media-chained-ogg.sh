#!/bin/sh
# prism-media 1.3.5, opus.OggDemuxer, on Ogg Opus files strung together (a chain, RFC 3533, section 4).
# One would guess: the packets of both files; each has a serial number of its own, as a chain demands.
# What happens: the second file is passed over to its last byte, without an error or an event.
# Hurt: Discord bots that play speech or radio where one file follows another in one body: silence
# after the first sentence or song, and nothing in any log.
# Seen: alone 51 packets each, in a chain 51 instead of 102.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund prism-media@1.3.5 @ffmpeg/core@0.12.10
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
import { Readable } from 'node:stream';
import prism from 'prism-media';
import { ffmpeg } from './ffmpeg.mjs';
const make = (serial) =>
  ffmpeg(`-f lavfi -i sine=f=440:r=48000:d=1 -c:a libopus -serial_offset ${serial} -flags +bitexact -fflags +bitexact a.ogg`, {}, 'a.ogg');
const [one, other] = [(await make(5)).bytes, (await make(9)).bytes];
async function demux(bytes) {
  const packets = [];
  const demuxer = new prism.opus.OggDemuxer();
  for await (const packet of Readable.from([bytes], { objectMode: false }).pipe(demuxer)) packets.push(packet);
  return packets.length;
}
const seen = { first: await demux(one), second: await demux(other), chain: await demux(Buffer.concat([one, other])) };
console.log('packets', seen);
assert.deepEqual(seen, { first: 51, second: 51, chain: 51 });
JS
node seen.mjs
