import { openMp3 } from './mp3.ts';
import { NotAudioError } from './not-audio-error.ts';
import type { PcmStream } from './pcm.ts';
import { openWav } from './wav.ts';

/** Tells the containers apart. */
const HEAD_BYTES = 4;

/**
 * Opens the body of a speech answer as sound, as it arrives, never waiting for the whole. What it is
 * called only says whether it is meant to be sound; what it is, its first bytes say.
 * The body is closed when the sound ends or is left, and when there is none.
 * @throws NotAudioError when it is neither WAV nor mp3 or holds no sound, also while the chunks are
 * read; and whatever the body throws.
 */
export async function openSpeech(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
): Promise<PcmStream> {
  const iterator = body[Symbol.asyncIterator]();
  const start = isSound(contentType) ? await readStart(iterator) : [];
  const open = findOpener(Buffer.concat(start));
  if (open) return await open(rejoin(start, iterator));
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

function findOpener(start: Buffer) {
  if (start.toString('latin1', 0, 4) === 'RIFF') return openWav;
  const [first = 0, second = 0] = start;
  const isFrame = first === 0xff && second >= 0xe0;
  return isFrame || start.toString('latin1', 0, 3) === 'ID3' ? openMp3 : undefined;
}

async function* rejoin(
  start: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* start;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
