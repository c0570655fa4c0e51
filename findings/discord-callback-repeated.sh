#!/usr/bin/env bash
# discord.js 14.28.1: a taken answer to an interaction ends as "already acknowledged" by itself.
#
# One would guess: deferReply is sent once, since Discord takes one callback for an interaction.
# What happens: Discord takes it, its edge answers 502, and the library silently posts it again.
#   That gets 40060, deferReply throws, and the interaction is marked as not deferred: editReply
#   refuses to run, though the member looks at "thinking…".
# Who is hurt: members, who wait before an answer that never changes; and maintainers, who look
#   for a second deferReply or a second instance of the bot, the reasons that 40060 is known for.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
npm install --loglevel=error --no-audit --no-fund discord.js@14.28.1 @discordjs/rest@2.6.3 >>npm.log

cat >find.mjs <<'JS'
import { once } from 'node:events';
import { createServer } from 'node:http';
import { ButtonInteraction, Client } from 'discord.js';

// Discord: takes the first callback, but an edge in between loses its answer.
let callbacks = 0;
const server = createServer((request, response) => {
  callbacks += 1;
  response.setHeader('content-type', 'application/json');
  if (callbacks === 1) return response.writeHead(502).end('{}');
  const message = 'Interaction has already been acknowledged.';
  response.writeHead(400).end(JSON.stringify({ code: 40060, message }));
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const client = new Client({ intents: [], rest: { api: `http://127.0.0.1:${server.address().port}` } });
client.rest.setToken('none');

const user = { id: '2', username: 'member', discriminator: '0', avatar: null };
const interaction = new ButtonInteraction(client, {
  id: '1',
  application_id: '3',
  type: 3,
  token: 'none',
  version: 1,
  user,
  entitlements: [],
  authorizing_integration_owners: {},
  data: { component_type: 2, custom_id: 'button' },
  message: { id: '4', channel_id: '5', type: 0, content: '', author: user, timestamp: '2026-01-01' },
});
const thrown = await interaction.deferReply().then(() => 'nothing', ({ code }) => code);
const edit = await interaction.editReply('done').then(() => 'nothing', ({ code }) => code);
server.close();
await client.destroy();

const found =
  callbacks === 2 && thrown === 40060 && !interaction.deferred && edit === 'InteractionNotReplied';
console.log(
  `${found ? 'as found' : 'changed'}: discord.js 14.28.1, callback taken but answered 502: ` +
    `posted ${callbacks} times, deferReply throws ${thrown}, deferred is ${interaction.deferred}, ` +
    `editReply throws ${edit}`,
);
process.exitCode = found ? 0 : 1;
JS
node find.mjs
