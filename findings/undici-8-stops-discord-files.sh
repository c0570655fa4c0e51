#!/usr/bin/env bash
# undici 8.13.1 beside discord.js 14.28.1 (Node 24.21.0): one import line stops all files, another
# heals it.
#
# One would guess: two major versions of undici in one process leave each other alone until somebody
#   sets a global dispatcher; and importing node:http has no side effects.
# What happens: as soon as undici 8 is imported, before or behind discord.js, it puts a wrapped
#   dispatcher where older versions look for theirs. The undici 6 of discord.js uses it: texts are
#   posted, but a file is refused, because its form is "not created by this undici package instance".
#   If an ES module imports node:http first, all is well: that makes Node load its own undici, which
#   takes the place before.
# Who is hurt: bots that have undici 8 for their own requests. A test that imports node:http for a
#   fake Discord never sees it; and moving one import line mends or breaks the bot.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >npm.log
# undici 8 needs a newer Node than many systems have.
npm install --loglevel=error --no-audit --no-fund \
  discord.js@14.28.1 @discordjs/rest@2.6.3 undici@6.29.1 undici-8@npm:undici@8.13.1 node@24.21.0 >>npm.log

cat >post.mjs <<'JS'
// Imports what is named, in that order, then posts a text and a file.
for (const name of process.argv.slice(2)) await import(name);
const { createServer } = await import('node:http');
const { REST } = await import('discord.js');

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.setHeader('content-type', 'application/json').end('{"id":"1"}'));
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const api = `http://127.0.0.1:${server.address().port}`;
const rest = new REST({ api, retries: 0 }).setToken('none');

const text = await post({ body: { content: 'hello' } });
const file = await post({ body: {}, files: [{ name: 'note.txt', data: Buffer.from('hello') }] });
console.log(`text ${text}, file ${file}`);
server.close();
server.closeAllConnections();

async function post(message) {
  return await rest.post('/channels/1/messages', message).then(
    () => 'posted',
    ({ code, message }) => code ?? message,
  );
}
JS

post() { node_modules/.bin/node post.mjs "$@"; }
alone=$(post discord.js)
behind=$(post discord.js undici-8)
before=$(post undici-8 discord.js)
healed=$(post node:http undici-8 discord.js)

good='text posted, file posted' bad='text posted, file UND_ERR_INVALID_ARG'
verdict=changed
if [ "$alone $behind $before $healed" = "$good $bad $bad $good" ]; then verdict='as found'; fi
echo "$verdict: discord.js 14.28.1 alone: $alone; undici 8.13.1 imported behind it: $behind;" \
  "before it: $before; node:http before both: $healed"
[ "$verdict" = 'as found' ]
