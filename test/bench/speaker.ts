import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AudioPlayerStatus,
  createAudioPlayer,
  createAudioResource,
  entersState,
  StreamType,
  VoiceConnectionStatus,
} from '@discordjs/voice';
import pino from 'pino';
import { encodeOpus } from '../../src/audio/opus-encoder.ts';
import { openWav, writeWav } from '../../src/audio/wav.ts';
import { createSessions } from '../../src/playback/sessions.ts';
import { startVoiceThread } from '../../src/playback/voice-thread.ts';
import { createLeveling } from '../../src/speech/leveling.ts';
import { feedNews, type GatewayMessage, type VoiceNews } from '../playback/gateway.ts';
import { makeLine } from '../playback/lines.ts';
import { pcmOf, samplesOf } from './pcm.ts';
import { openRights } from './rights.ts';
import { joinUsually, type UsualConnection } from './usual-connection.ts';
import { STOCK } from './voice.ts';

/** What a speaking process is told to do: the same in our way and in the usual ones. */
export interface SpeakerJob {
  readonly way: 'ours' | 'usual' | 'ffmpeg';
  readonly places: readonly { readonly guildId: string; readonly channelId: string }[];
  readonly seconds: number;
  /** The Ogg Opus file with the speech, for the ways that are not ours. */
  readonly ogg: string;
  /** Packets that are there already, or a WAV to be encoded while it plays. */
  readonly from: 'packets' | 'wav';
  /** Whether each line is asked twice a second what stands against it, as the bot does. */
  readonly asksRights: boolean;
  /** Whether the main thread is blocked 60 ms in every 200. */
  readonly isBlocked: boolean;
}

export interface SpeakerResult {
  /** Of one core, 0 to 1, while it spoke; with the processes it started, where it did. */
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
/** As a body comes over the network. */
const PIECE_BYTES = 16 * 1024;
/** What Linux counts the time of processes in. */
const TICK_MS = 10;

const job = JSON.parse(process.argv[2] ?? '{}') as SpeakerJob;
const tell = (message: FromSpeaker) => process.send?.(message);
const sendGateway = (guildId: string, payload: unknown) =>
  tell({ type: 'gateway', guildId, payload });
const packets = await Array.fromAsync(encodeOpus(pcmOf(job.seconds)));
const wav = writeWav(await samplesOf(job.seconds));
const ogg = job.way === 'ours' ? Buffer.alloc(0) : await readFile(job.ogg);

const opened = new AsyncDisposableStack();
const before = process.memoryUsage.rss();
const speak = await (job.way === 'ours' ? joinOurs() : joinUsual());
tell({ type: 'ready' });
await new Promise<void>((resolve) => {
  process.on('message', ({ type }: ToSpeaker) => type === 'go' && resolve());
});
if (job.isBlocked) setInterval(block, 200).unref();
const [startCpu, startedAt] = [await cpuMs(), performance.now()];
await speak();
const tookCpu = (await cpuMs()) - startCpu;
const ms = performance.now() - startedAt;
tell({
  type: 'done',
  result: {
    cpu: tookCpu / ms,
    seconds: ms / 1000,
    memory: process.memoryUsage.rss() - before,
  },
});
await once(process, 'disconnect');
await opened.disposeAsync();
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
  const rights = opened.use(await openRights());
  for (const place of job.places) await sessions.join(place, { signal });
  return () =>
    Promise.all(
      job.places.map(async ({ guildId, channelId }, index) => {
        await sleep(index * APART_MS);
        const line = makeLine(packets, {
          guildId,
          ...(job.asksRights && { findObjection: rights.watch() }),
          ...(job.from === 'wav' && { packets: encodeWav }),
        });
        return await sessions.enqueue(line, { channelId, waiting: 5, serverWaiting: 20 });
      }),
    );
}

async function* encodeWav(): AsyncGenerator<Uint8Array> {
  const stream = await openWav(Readable.from(piecesOf(wav)));
  yield* encodeOpus(createLeveling().live(stream, STOCK));
}

function* piecesOf(file: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < file.byteLength; from += PIECE_BYTES)
    yield file.subarray(from, from + PIECE_BYTES);
}

async function joinUsual(): Promise<() => Promise<unknown>> {
  const joined = new Map<string, UsualConnection>();
  process.on('message', (message: ToSpeaker) => {
    if (message.type !== 'go') joined.get(message.guildId)?.feed(message);
  });
  for (const place of job.places) {
    const usual = joinUsually(place, (payload) => sendGateway(place.guildId, payload));
    joined.set(place.guildId, usual);
    await entersState(usual.connection, VoiceConnectionStatus.Ready, 10_000);
  }
  return () =>
    Promise.all(
      Array.from(joined.values(), async ({ connection }, index) => {
        await sleep(index * APART_MS);
        const player = createAudioPlayer();
        connection.subscribe(player);
        const body = Readable.from(ogg);
        const inputType = job.way === 'ffmpeg' ? StreamType.Arbitrary : StreamType.OggOpus;
        player.play(createAudioResource(body, { inputType }));
        await entersState(player, AudioPlayerStatus.Playing, 10_000);
        await entersState(player, AudioPlayerStatus.Idle, (job.seconds + 60) * 1000);
      }),
    );
}

/** Of this process, and of the children that have ended, which Linux alone tells. */
async function cpuMs(): Promise<number> {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1000;
  if (job.way !== 'ffmpeg') return own;
  const stat = await readFile('/proc/self/stat', 'utf8');
  const [childUser, childSystem] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15);
  return own + (Number(childUser) + Number(childSystem)) * TICK_MS;
}

function block(): void {
  const until = performance.now() + 60;
  while (performance.now() < until);
}
