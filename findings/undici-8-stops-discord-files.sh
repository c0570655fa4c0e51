#!/usr/bin/env bash
# undici 8.13.1 beside discord.js 14.28.1: setting its global dispatcher stops all files.
#
# One would guess: two major versions of undici in one process leave each other alone, or clash
#   at once and for everything.
# What happens: undici 8 also puts a wrapped dispatcher where older versions look for theirs. The
#   undici 6 of discord.js uses it: logging in, reading and writing work, but a message with a file
#   is refused, because its form "was not created by this undici package instance".
# Who is hurt: bots that set a proxy or time limits with setGlobalDispatcher, as undici's pages
#   say. All seems well until the first file.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
# undici 8 needs a newer Node than many systems have.
npm install --loglevel=error --no-audit --no-fund \
  discord.js@14.28.1 @discordjs/rest@2.6.3 undici@6.29.1 undici-8@npm:undici@8.13.1 node@24.21.0 >>npm.log

cat >find.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { REST } from '@discordjs/rest';
import { Agent, setGlobalDispatcher } from 'undici-8';

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.setHeader('content-type', 'application/json').end('{"id":"1"}'));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const api = `http://127.0.0.1:${server.address().port}`;
const rest = new REST({ api, retries: 0 }).setToken('none');
const files = [{ name: 'note.txt', data: Buffer.from('hello') }];

const before = await post({ body: {}, files });
setGlobalDispatcher(new Agent());
const plain = await post({ body: { content: 'hello' } });
const file = await post({ body: {}, files });
server.close();
server.closeAllConnections();

const found = before === 'posted' && plain === 'posted' && file === 'UND_ERR_INVALID_ARG';
console.log(
  `${found ? 'as found' : 'changed'}: with discord.js 14.28.1 a file is ${before}; once undici 8.13.1 ` +
    `has set its global dispatcher, a text is ${plain}, a file ${file}`,
);
process.exitCode = found ? 0 : 1;

async function post(message) {
  return await rest.post('/channels/1/messages', message).then(
    () => 'posted',
    ({ code, message }) => code ?? message,
  );
}
JS
node_modules/.bin/node find.mjs
