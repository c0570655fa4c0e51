import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { encodeOpus } from '../../src/audio/opus-encoder.ts';
import { createSessions } from '../../src/playback/sessions.ts';
import { createVoiceLink } from '../../src/playback/voice-link.ts';
import { pcmOf } from '../bench/pcm.ts';
import { feedNews, type GatewayMessage, type VoiceNews } from '../playback/gateway.ts';
import { makeLine } from '../playback/lines.ts';

/** What a process holds at an instant, after garbage was collected. */
export interface Holdings {
  readonly heap: number;
  /** Timers, sockets and whatever else keeps a process alive, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  readonly listeners: number;
}

export type FromCycler = GatewayMessage | { readonly type: 'holds'; readonly holdings: Holdings };

const PLACE = { guildId: '100000000000000001', channelId: '300000000000000001' };
const [cycles = 300, every = 100] = process.argv.slice(2).map(Number);
const tell = (message: FromCycler) => process.send?.(message);
const sessions = createSessions({
  sendGateway: (guildId, payload) => tell({ type: 'gateway', guildId, payload }),
  openLink: (emit) => createVoiceLink({ emit, log: pino({ level: 'silent' }) }),
  onEvent: () => undefined,
});
process.on('message', (news: VoiceNews) => feedNews(sessions, news));

const packets = await Array.fromAsync(encodeOpus(pcmOf(0.2)));
for (let cycle = 0; cycle <= cycles; cycle += 1) {
  const limits = { waiting: 5, serverWaiting: 20 };
  const line = makeLine(packets, { guildId: PLACE.guildId });
  const end = await sessions.enqueue(line, { ...PLACE, ...limits });
  if (end.kind !== 'spoken') throw new Error(`A line ended as ${JSON.stringify(end)}`);
  sessions.leave(PLACE.guildId);
  if (cycle % every === 0) tell({ type: 'holds', holdings: await takeStock() });
}
await once(process, 'disconnect');
process.exit();

async function takeStock(): Promise<Holdings> {
  // Sockets close in their own time.
  await sleep(1000);
  for (let round = 0; round < 3; round += 1) globalThis.gc?.();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const listeners = process
    .eventNames()
    .reduce((sum, name) => sum + process.listenerCount(name), 0);
  return { heap: process.memoryUsage().heapUsed, resources, listeners };
}
