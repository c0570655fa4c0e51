#!/usr/bin/env bash
# @discordjs/rest 2.6.3: with `makeRequest: fetch` a connection that breaks is no longer tried again.
#
# One would guess: `makeRequest` changes who sends the request, and the `retries` stay.
# What happens: the library looks for ECONNRESET on the error itself. `fetch` always throws a
#   TypeError that has no code and keeps the reason as its cause, so nothing is ever seen as a reset.
# Who is hurt: bots on Deno, Bun or Workers, and all that pass `fetch` to be rid of undici: each
#   kept-alive connection that Discord's edge closes becomes a failed command.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --loglevel=error --no-audit --no-fund @discordjs/rest@2.6.3 >>npm.log

cat >find.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { REST } from '@discordjs/rest';

const usual = await ask({});
const fetched = await ask({ makeRequest: fetch });
const found = usual === 'answered after 2 requests' && fetched === 'ECONNRESET after 1 request';
console.log(
  `${found ? 'as found' : 'changed'}: @discordjs/rest 2.6.3, first connection reset: ` +
    `by default ${usual}, with makeRequest: fetch ${fetched}`,
);
process.exitCode = found ? 0 : 1;

/** Breaks the first connection and answers from then on. */
async function ask(options) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    if (requests === 1) request.socket.resetAndDestroy();
    else response.setHeader('content-type', 'application/json').end('{"id":"1"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api = `http://127.0.0.1:${server.address().port}`;
  const rest = new REST({ api, retries: 3, ...options }).setToken('none');
  const outcome = await rest.get('/users/@me').then(
    () => 'answered',
    (error) => error.code ?? error.cause?.code,
  );
  server.close();
  server.closeAllConnections();
  return `${outcome} after ${requests} request${requests === 1 ? '' : 's'}`;
}
JS
node find.mjs
