import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AudioPlayerStatus,
  createAudioPlayer,
  createAudioResource,
  type DiscordGatewayAdapterLibraryMethods,
  entersState,
  joinVoiceChannel,
  StreamType,
  type VoiceConnection,
  VoiceConnectionStatus,
} from '@discordjs/voice';
import pino from 'pino';
import { encodeOpus } from '../../src/audio/opus-encoder.ts';
import { createSessions } from '../../src/playback/sessions.ts';
import { startVoiceThread } from '../../src/playback/voice-thread.ts';
import { feedNews, type GatewayMessage, type VoiceNews } from '../playback/gateway.ts';
import { makeLine } from '../playback/lines.ts';
import { pcmOf } from './pcm.ts';

/** What a speaking process is told to do: the same in our way and in the usual one. */
export interface SpeakerJob {
  readonly way: 'ours' | 'usual';
  readonly places: readonly { readonly guildId: string; readonly channelId: string }[];
  readonly seconds: number;
  /** Packets that are there already, or sound to be encoded while it plays. */
  readonly from: 'packets' | 'sound';
  /** Whether the main thread is blocked 60 ms in every 200. */
  readonly isBlocked: boolean;
}

export interface SpeakerResult {
  /** Of one core, 0 to 1, while it spoke. */
  readonly cpu: number;
  readonly seconds: number;
  /** How much memory joining and speaking took, in bytes. */
  readonly memory: number;
}

export type FromSpeaker =
  | GatewayMessage
  | { type: 'ready' }
  | { type: 'done'; result: SpeakerResult };
export type ToSpeaker = VoiceNews | { type: 'go' };

/** Nobody presses Enter in hundreds of servers in the same millisecond. */
const APART_MS = 5;

const job = JSON.parse(process.argv[2] ?? '{}') as SpeakerJob;
const tell = (message: FromSpeaker) => process.send?.(message);
const sendGateway = (guildId: string, payload: unknown) =>
  tell({ type: 'gateway', guildId, payload });
const packets = await Array.fromAsync(encodeOpus(pcmOf(job.seconds)));

const before = process.memoryUsage.rss();
const speak = await (job.way === 'ours' ? joinOurs() : joinUsual());
tell({ type: 'ready' });
await new Promise<void>((resolve) => {
  process.on('message', ({ type }: ToSpeaker) => type === 'go' && resolve());
});
if (job.isBlocked) setInterval(block, 200).unref();
const [startCpu, startedAt] = [process.cpuUsage(), performance.now()];
await speak();
const { user, system } = process.cpuUsage(startCpu);
const ms = performance.now() - startedAt;
tell({
  type: 'done',
  result: {
    cpu: (user + system) / 1000 / ms,
    seconds: ms / 1000,
    memory: process.memoryUsage.rss() - before,
  },
});
await once(process, 'disconnect');
process.exit();

async function joinOurs(): Promise<() => Promise<unknown>> {
  const sessions = createSessions({
    sendGateway,
    openLink: (emit) => startVoiceThread({ emit, log: pino({ level: 'silent' }) }),
    onEvent: () => undefined,
  });
  process.on('message', (message: ToSpeaker) => {
    if (message.type !== 'go') feedNews(sessions, message);
  });
  const { signal } = new AbortController();
  for (const place of job.places) await sessions.join(place, { signal });
  return () =>
    Promise.all(
      job.places.map(async ({ guildId, channelId }, index) => {
        await sleep(index * APART_MS);
        const source = () => encodeOpus(pcmOf(job.seconds));
        const line = makeLine(packets, {
          guildId,
          ...(job.from === 'sound' && { packets: source }),
        });
        return await sessions.enqueue(line, { channelId, waiting: 5, serverWaiting: 20 });
      }),
    );
}

async function joinUsual(): Promise<() => Promise<unknown>> {
  const adapters = new Map<string, DiscordGatewayAdapterLibraryMethods>();
  process.on('message', (message: ToSpeaker) => {
    if (message.type === 'go') return;
    const adapter = adapters.get(message.guildId);
    if (message.type === 'state') adapter?.onVoiceStateUpdate(message.payload as never);
    else adapter?.onVoiceServerUpdate(message.payload as never);
  });
  const connections: VoiceConnection[] = [];
  for (const { guildId, channelId } of job.places) {
    const connection = joinVoiceChannel({
      guildId,
      channelId,
      adapterCreator(methods) {
        adapters.set(guildId, methods);
        const sendPayload = (payload: unknown) => {
          sendGateway(guildId, payload);
          return true;
        };
        return { sendPayload, destroy: () => undefined };
      },
    });
    connections.push(connection);
    await entersState(connection, VoiceConnectionStatus.Ready, 10_000);
  }
  return () =>
    Promise.all(
      connections.map(async (connection, index) => {
        await sleep(index * APART_MS);
        const player = createAudioPlayer();
        connection.subscribe(player);
        const body = Readable.from(packets.map((packet) => Buffer.from(packet)));
        player.play(createAudioResource(body, { inputType: StreamType.Opus }));
        await entersState(player, AudioPlayerStatus.Playing, 10_000);
        await entersState(player, AudioPlayerStatus.Idle, (job.seconds + 60) * 1000);
      }),
    );
}

function block(): void {
  const until = performance.now() + 60;
  while (performance.now() < until);
}
