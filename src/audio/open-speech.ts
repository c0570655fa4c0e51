import { openMp3 } from './mp3.ts';
import { NotAudioError } from './not-audio-error.ts';
import { readOggOpus } from './ogg-opus.ts';
import { openPcm } from './open-pcm.ts';
import { decodeOpus } from './opus-decoder.ts';
import { toFrames } from './opus-frames.ts';
import type { PcmStream } from './pcm.ts';
import type { Sound } from './sound.ts';
import { openWav } from './wav.ts';

/**
 * Opens the body of a speech answer as samples, as it arrives, never waiting for the whole. What it
 * is called only says whether it is meant to be sound; what it is, its first bytes say.
 * The body is closed when the sound ends or is left, and when there is none.
 * @throws NotAudioError when it is neither WAV, mp3 nor Ogg Opus or holds no sound, also while the
 * chunks are read; and whatever the body throws.
 */
export async function openSpeech(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
): Promise<PcmStream> {
  const { container, bytes } = await openBody(body, contentType);
  return await OPENERS[container](bytes);
}

/** The same for the ear: the packets of Ogg Opus are handed on as they are. */
export async function openSound(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
): Promise<Sound> {
  const { container, bytes } = await openBody(body, contentType);
  if (container !== 'ogg') return { kind: 'pcm', ...(await OPENERS[container](bytes)) };
  const packets = toFrames(readOggOpus(bytes));
  const first = await packets.next();
  if (first.done) throw new NotAudioError('a file without sound');
  return { kind: 'opus', packets: rejoin([first.value], packets) };
}

type Container = 'wav' | 'mp3' | 'ogg';
type Opener = (bytes: AsyncIterable<Uint8Array>) => Promise<PcmStream>;

const OPENERS: Readonly<Record<Container, Opener>> = {
  wav: openWav,
  mp3: openMp3,
  ogg: (bytes) => openPcm(decodeOpus(readOggOpus(bytes))),
};

/** Tells the containers apart. */
const HEAD_BYTES = 4;

/** @throws NotAudioError, the body then being closed. */
async function openBody(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
): Promise<{ container: Container; bytes: AsyncGenerator<Uint8Array> }> {
  const iterator = body[Symbol.asyncIterator]();
  const start = isSound(contentType) ? await readStart(iterator) : [];
  const container = findContainer(Buffer.concat(start));
  if (container) return { container, bytes: rejoin(start, iterator) };
  await iterator.return?.();
  throw new NotAudioError(`content of the type ${contentType.slice(0, 64)}`);
}

function isSound(contentType: string): boolean {
  return /^(audio\/|application\/octet-stream\b)/i.test(contentType);
}

async function readStart(iterator: AsyncIterator<Uint8Array>): Promise<readonly Uint8Array[]> {
  const start: Uint8Array[] = [];
  for (let length = 0; length < HEAD_BYTES; ) {
    const { done, value } = await iterator.next();
    if (done) break;
    start.push(value);
    length += value.byteLength;
  }
  return start;
}

function findContainer(start: Buffer): Container | undefined {
  const magic = start.toString('latin1', 0, HEAD_BYTES);
  if (magic === 'RIFF') return 'wav';
  if (magic === 'OggS') return 'ogg';
  const [first = 0, second = 0] = start;
  const isFrame = first === 0xff && second >= 0xe0;
  return isFrame || magic.startsWith('ID3') ? 'mp3' : undefined;
}

async function* rejoin<T>(start: readonly T[], rest: AsyncIterator<T>): AsyncGenerator<T> {
  try {
    yield* start;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
