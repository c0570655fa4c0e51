import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from './discord/voice/certificate.ts';
import { startVoiceServer } from './discord/voice/server.ts';
import { channelAskedFor, placeBot } from './playback/gateway.ts';
import type { FromCycler, Holdings } from './soak/cycler.ts';

const CYCLES = 300;
const EVERY = 100;
/** Code that is compiled, tables that grow once: a leak of a kilobyte a cycle would be more. */
const MOST_GROWTH = 200_000;

const certificate = await makeCertificate();
await using voice = await startVoiceServer({ certificate });
const folder = await mkdtemp(join(tmpdir(), 'soak-'));
const ca = join(folder, 'ca.pem');
await writeFile(ca, certificate.cert);
voice.join({ guildId: '100000000000000001', channelId: '300000000000000001', userId: '500' });

const stock: Holdings[] = [];
const child = fork(new URL('./soak/cycler.ts', import.meta.url), [String(CYCLES), String(EVERY)], {
  execPath: join(import.meta.dirname, '../node_modules/.bin/node'),
  execArgv: ['--expose-gc'],
  env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: ca },
});
await new Promise<void>((resolve, reject) => {
  child.on('exit', (code) => reject(new Error(`The process ended with ${code}`)));
  child.on('message', (message: FromCycler) => {
    if (message.type === 'gateway') {
      const { guildId, payload } = message;
      const place = { guildId, channelId: channelAskedFor(payload) };
      placeBot((news) => child.send(news), voice, place);
      return;
    }
    const { heap, resources, listeners } = message.holdings;
    stock.push(message.holdings);
    console.log(
      `${(stock.length - 1) * EVERY} cycles: heap ${(heap / 1e6).toFixed(2)} MB, ${listeners} listeners, ${JSON.stringify(resources)}`,
    );
    if (stock.length > CYCLES / EVERY) resolve();
  });
});
child.removeAllListeners('exit');
child.disconnect();
await rm(folder, { recursive: true, force: true });

const [, warm, ...later] = stock;
const last = later.at(-1);
if (!warm || !last) throw new Error('Nothing was measured');
const growth = last.heap - warm.heap;
const isSame = JSON.stringify(last.resources) === JSON.stringify(warm.resources);
const leaks = growth > MOST_GROWTH || !isSame || last.listeners !== warm.listeners;
console.log(leaks ? 'LEAKS' : `ok: ${(growth / 1000).toFixed(0)} kB more after ${CYCLES} cycles`);
process.exit(leaks ? 1 : 0);
