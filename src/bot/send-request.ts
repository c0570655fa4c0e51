import type { FileFormat } from '../audio/speech-file.ts';

/** What a file is announced as, by the end of its name. */
const CONTENT_TYPES = {
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  wav: 'audio/wav',
  flac: 'audio/flac',
  txt: 'text/plain; charset=utf-8',
} as const satisfies Record<FileFormat, `audio/${string}`> & { txt: string };

/**
 * Sends a request of discord.js, with each file announced as its name says. Left to itself, the
 * library guesses from the bytes and calls Ogg Opus `application/ogg`, which Discord refuses for a
 * voice message: its type must begin with `audio/`.
 *
 * Node's own `fetch` sends it: the undici that discord.js brings is given the dispatcher of our
 * newer one, which refuses its forms, so that no file could be posted.
 * @throws Error for a file whose name ends in nothing we send; with code ECONNRESET, on which the
 * library asks again, when the connection ended before the answer.
 */
export async function sendRequest(url: string, init: RequestInit): Promise<Response> {
  const { body } = init;
  try {
    return await fetch(url, body instanceof FormData ? { ...init, body: announce(body) } : init);
  } catch (error) {
    if (!isCutOff(error)) throw error;
    throw Object.assign(new Error('Discord did not answer', { cause: error }), {
      code: 'ECONNRESET',
    });
  }
}

function announce(form: FormData): FormData {
  const announced = new FormData();
  for (const [field, value] of form)
    if (typeof value === 'string') announced.append(field, value);
    else announced.append(field, value.slice(0, value.size, typeOf(value.name)), value.name);
  return announced;
}

function typeOf(filename: string): string {
  const extension = filename.slice(filename.lastIndexOf('.') + 1);
  const type = new Map<string, string>(Object.entries(CONTENT_TYPES)).get(extension);
  if (!type) throw new Error(`Nothing says what type ${filename} is to be announced as`);
  return type;
}

/** `fetch` fails with a TypeError for whatever reason, and names the reason as its cause. */
function isCutOff(error: unknown): boolean {
  const cause: unknown = error instanceof TypeError ? error.cause : undefined;
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET';
}
