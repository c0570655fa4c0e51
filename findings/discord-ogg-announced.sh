#!/usr/bin/env bash
# discord.js 14.28.1 with @discordjs/rest 2.6.3: a voice message is announced as no audio.
#
# One would guess: an attachment named voice.ogg is sent as audio/ogg, or its type can be set.
# What happens: the library guesses the type from the first bytes alone and says application/ogg.
#   A type given beside the name is dropped on the way: only the lower package knows contentType.
# Who is hurt: whoever posts a voice message. By its documentation Discord wants one audio
#   attachment there, and answers 50160 to others: the file itself is in perfect order.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --loglevel=error --no-audit --no-fund \
  discord.js@14.28.1 @discordjs/rest@2.6.3 @ffmpeg/core@0.12.10 >>npm.log

cat >find.mjs <<'JS'
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { AttachmentBuilder, Client, MessagePayload } from 'discord.js';

const sound = await makeOggOpus();
const announced = [];
const server = createServer(async (request, response) => {
  announced.push(/files\[0\].*\r\nContent-Type: (.*)\r\n/.exec(await text(request))?.[1]);
  response.setHeader('content-type', 'application/json').end('{"id":"1"}');
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const api = `http://127.0.0.1:${server.address().port}`;
const client = new Client({ intents: [], rest: { api } });
client.rest.setToken('none');

const named = new AttachmentBuilder(sound, { name: 'voice.ogg' });
const typed = new AttachmentBuilder(sound, { name: 'voice.ogg', contentType: 'audio/ogg' });
for (const attachment of [named, typed]) {
  const { files } = await MessagePayload.create({ client }, { files: [attachment] }).resolveFiles();
  await client.rest.post('/channels/1/messages', { body: {}, files });
}
// The lower package alone can do it.
const files = [{ name: 'voice.ogg', data: sound, contentType: 'audio/ogg' }];
await client.rest.post('/channels/1/messages', { body: {}, files });
server.close();
await client.destroy();

const found = announced.join() === 'application/ogg,application/ogg,audio/ogg';
console.log(
  `${found ? 'as found' : 'changed'}: discord.js 14.28.1 announces voice.ogg as ${announced[0]}, ` +
    `with a type given as ${announced[1]}; @discordjs/rest alone, told the type, as ${announced[2]}`,
);
process.exitCode = found ? 0 : 1;

async function makeOggOpus() {
  // FFmpeg's module expects the scope of a browser's worker.
  Object.assign(globalThis, { self: globalThis, location: { href: import.meta.url } });
  const { default: create } = await import('@ffmpeg/core');
  const wasm = new URL('ffmpeg-core.wasm', import.meta.resolve('@ffmpeg/core'));
  const ffmpeg = await create({ wasmBinary: await readFile(wasm) });
  ffmpeg.setLogger(() => {});
  ffmpeg.exec('-f', 'lavfi', '-i', 'sine=d=1:r=48000', '-c:a', 'libopus', 'voice.ogg');
  return Buffer.from(ffmpeg.FS.readFile('voice.ogg'));
}
JS
node find.mjs
