#!/usr/bin/env bash
# discord.js 14.28.1 with @discordjs/ws 1.2.3: a login that was rejected comes online seconds later.
#
# One would guess: when client.login() rejects, the client is off, and login may be called again.
# What happens: the gateway answers one upgrade with 503. login() rejects and the client destroys
#   itself, but its shard is left alone: it connects again, identifies, and clientReady is emitted
#   by a client without a token.
# Who is hurt: bots that retry with a new client: two sessions then run in one process, and each
#   event reaches both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --loglevel=error --no-audit --no-fund \
  discord.js@14.28.1 @discordjs/rest@2.6.3 @discordjs/ws@1.2.3 ws@8.23.0 >>npm.log

cat >find.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'discord.js';
import { WebSocketServer } from 'ws';

const limit = { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 1 };
const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ url: gateway, shards: 1, session_start_limit: limit }));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const host = `127.0.0.1:${server.address().port}`;
const gateway = `ws://${host}`;

const sockets = new WebSocketServer({ noServer: true });
let upgrades = 0;
server.on('upgrade', (request, socket, head) => {
  upgrades += 1;
  if (upgrades === 1)
    socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  else sockets.handleUpgrade(request, socket, head, greet);
});

const client = new Client({ intents: [], rest: { api: `http://${host}` } });
let ready = false;
client.once('clientReady', () => (ready = true));
let identifiedAfterRejection = false;
let rejected = false;
await client.login('none').catch(() => (rejected = true));
const token = client.token;
for (let waited = 0; waited < 20_000 && !ready; waited += 100) await sleep(100);

const found = rejected && token === null && identifiedAfterRejection && ready;
console.log(
  `${found ? 'as found' : 'changed'}: discord.js 14.28.1, first upgrade answered 503: login ` +
    `${rejected ? 'rejected' : 'did not reject'}, token ${token}, then identified: ` +
    `${identifiedAfterRejection}, clientReady: ${ready}`,
);
process.exit(found ? 0 : 1);

function greet(socket) {
  socket.send(JSON.stringify({ op: 10, d: { heartbeat_interval: 41_250 } }));
  socket.on('message', (message) => {
    if (JSON.parse(message).op !== 2) return;
    identifiedAfterRejection = rejected;
    const user = { id: '1', username: 'bot', discriminator: '0', avatar: null, bot: true };
    const session = { session_id: 'a', resume_gateway_url: gateway, application: { id: '1', flags: 0 } };
    socket.send(JSON.stringify({ op: 0, s: 1, t: 'READY', d: { v: 10, user, guilds: [], ...session } }));
  });
}
JS
node find.mjs
