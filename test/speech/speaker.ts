import { Decoder } from '@evan/opus';
import { pino } from 'pino';
import { createFfmpegModule } from '../../src/audio/ffmpeg-module.ts';
import { createSpeechFiles, type FileFormat } from '../../src/audio/speech-file.ts';
import { writeWav } from '../../src/audio/wav.ts';
import { fromUsd } from '../../src/domain/money.ts';
import { createGuilds } from '../../src/guilds/guilds.ts';
import { createSpeech, type Utterance } from '../../src/speech/speech.ts';
import type { ProviderFormat } from '../../src/venice/models.ts';
import type { SpeakRequest } from '../../src/venice/venice.ts';
import { halfRate } from '../e2e/sound.ts';
import { openTemporary } from '../store/open.ts';
import { createConverter, ENCODINGS } from '../venice/sound.ts';
import { loadSynthesis, SAMPLE_RATE } from '../venice/synthesis.ts';

export type Way = 'live' | FileFormat;

/** Text → speech over a real store, a provider that counts what it is asked for, and ears. */
export interface Speaker extends AsyncDisposable {
  /** What the provider was asked for so far. */
  readonly asked: readonly SpeakRequest[];
  /** How many calls could go out at once. */
  requestsLeft: number;
  prepare(text: string): Promise<Utterance>;
  /** What is heard of it, at the rate of the synthesis. */
  hear(utterance: Utterance, way: Way): Promise<Int16Array>;
  /** The two in one, settled, and all that may be remembered of it kept. */
  speak(text: string, way: Way): Promise<Int16Array>;
  /** Makes the cache forget everything. */
  forget(): Promise<void>;
  used(): Promise<{ lines: number; characters: number; microUsd: number }>;
}

const CACHE_BYTES = 8 * 1024 * 1024;
const VOICE = { model: 'stand-in', id: 'af_sky', name: 'Sky' };

/** @param formats what the provider's model offers. */
export async function openSpeaker(formats: readonly ProviderFormat[]): Promise<Speaker> {
  const time = { now: Date.UTC(2026, 5, 15, 12) };
  const clock = () => time.now;
  const opened = await openTemporary({ clock, cacheBytes: CACHE_BYTES });
  const { store } = opened;
  const requester = await store.members.refOf('1');
  const budget = { perDay: fromUsd(50), perMonth: fromUsd(50) };
  const { money } = createGuilds({
    store,
    budget,
    serverUsd: budget.perDay,
    cloneUsd: undefined,
    isTrusted: () => Promise.resolve(true),
    clock,
  });
  const files = createSpeechFiles({ ffmpeg: createFfmpegModule() });
  const [converter, synthesis] = await Promise.all([createConverter(), loadSynthesis()]);
  const asked: SpeakRequest[] = [];
  const writing = new Set<Promise<void>>();
  const { signal } = new AbortController();

  async function encode(samples: Int16Array, format: ProviderFormat = 'wav') {
    const pcm = { sampleRate: SAMPLE_RATE, samples };
    const encoding = ENCODINGS[format];
    return encoding ? await converter.fromPcm(pcm, encoding.args) : writeWav(pcm);
  }

  const speech = createSpeech({
    venice: {
      async speak(request, { till }) {
        await till?.charge();
        asked.push(request);
        const bytes = await encode(synthesis.speak(request.input), request.responseFormat);
        return { chunks: once(bytes), contentType: 'audio/any', heard: () => undefined };
      },
      requestsLeft: () => speaker.requestsLeft,
    },
    catalogue: {
      find: (id) => ({
        id,
        name: id,
        voices: [VOICE.id],
        formats,
        defaultFormat: formats[0] ?? 'wav',
        microUsdPerMillion: fromUsd(1_000),
        supportsTemperature: true,
        cloning: undefined,
      }),
      cloning: () => [],
      retirements: () => new Map(),
      refresh: () => Promise.resolve(),
    },
    handles: { use: () => Promise.reject(new Error('No voice here is anybody’s')) },
    money,
    files,
    cache: {
      ...store.sounds,
      async write(key, bytes) {
        const written = store.sounds.write(key, bytes);
        writing.add(written);
        await written;
      },
    },
    clock,
    log: pino({ level: 'silent' }),
  });

  const speaker: Speaker = {
    asked,
    requestsLeft: 10,
    prepare: (text) =>
      speech.prepare({
        text,
        voice: { kind: 'stock', stock: VOICE },
        requester,
        userId: '1',
        guildId: undefined,
        speed: undefined,
        temperature: undefined,
      }),
    async hear(utterance, way) {
      if (way === 'live') return await listen(utterance.live({ signal }));
      return await converter.toPcm((await utterance.file(way, { signal })).bytes);
    },
    async speak(text, way) {
      const utterance = await speaker.prepare(text);
      const heard = await speaker.hear(utterance, way);
      await utterance[Symbol.asyncDispose]();
      await Promise.all(writing);
      return heard;
    },
    async forget() {
      const key = { member: requester, voice: undefined, recipe: 'so much that nothing else fits' };
      time.now += 1;
      await store.sounds.write(key, Buffer.alloc(CACHE_BYTES));
      time.now += 1;
    },
    used: () => money.usage('day'),
    async [Symbol.asyncDispose]() {
      await Promise.all([files[Symbol.asyncDispose](), converter[Symbol.asyncDispose]()]);
      await opened[Symbol.asyncDispose]();
    },
  };
  return speaker;
}

async function listen(packets: AsyncIterable<Uint8Array>): Promise<Int16Array> {
  const decoder = new Decoder({ channels: 1, sample_rate: 48_000 });
  const heard: number[] = [];
  for await (const packet of packets) {
    const { buffer, byteOffset, byteLength } = decoder.decode(packet);
    heard.push(...new Int16Array(buffer, byteOffset, byteLength / 2));
  }
  return halfRate(Int16Array.from(heard));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
