import { UserError } from '../domain/errors.ts';
import { MAX_UPLOAD_BYTES } from '../domain/limits.ts';
import { SECOND_MS } from '../domain/time.ts';

const TOTAL_TIMEOUT_MS = 20 * SECOND_MS;
const IDLE_TIMEOUT_MS = 5 * SECOND_MS;
const DISCORD_CDN = 'https://cdn.discordapp.com';
/** Discord hands out the same files under this name; honoured only with Discord's own CDN. */
const DISCORD_MEDIA = 'https://media.discordapp.net';

/**
 * Fetches an attachment from Discord's CDN and from nowhere else: no redirects, no decompression,
 * and never more bytes than a sample may have, whatever the declared size says.
 * @throws UserError E_ATT_HOST, E_ATT_EXPIRED, E_ATT_BIG, E_ATT_EMPTY, E_ATT_TIMEOUT.
 */
export async function fetchAttachment(
  url: string,
  options: { cdnUrl: string; signal: AbortSignal },
): Promise<Uint8Array<ArrayBuffer>> {
  if (!isFromCdn(url, options.cdnUrl)) throw new UserError({ code: 'E_ATT_HOST' });
  const idle = new AbortController();
  const late = AbortSignal.any([AbortSignal.timeout(TOTAL_TIMEOUT_MS), idle.signal]);
  const timer = setTimeout(() => idle.abort(), IDLE_TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { 'accept-encoding': 'identity' },
      signal: AbortSignal.any([options.signal, late]),
    });
    return await readBody(response, () => timer.refresh());
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof UserError) throw error;
    throw new UserError(
      { code: late.aborted ? 'E_ATT_TIMEOUT' : 'E_ATT_EXPIRED' },
      { cause: error },
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the address is one a sample may come from. */
export function isFromCdn(url: string, cdnUrl: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, username, password } = new URL(url);
  const origins = cdnUrl === DISCORD_CDN ? [DISCORD_CDN, DISCORD_MEDIA] : [new URL(cdnUrl).origin];
  return origins.includes(origin) && username === '' && password === '';
}

async function readBody(
  response: Response,
  onProgress: () => void,
): Promise<Uint8Array<ArrayBuffer>> {
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    const isRedirect = response.status >= 300 && response.status < 400;
    throw new UserError({ code: isRedirect ? 'E_ATT_HOST' : 'E_ATT_EXPIRED' });
  }
  // A compressed answer to a request for none could unpack to anything.
  if (response.headers.has('content-encoding')) {
    await response.body.cancel();
    throw new UserError({ code: 'E_ATT_BIG', maxBytes: MAX_UPLOAD_BYTES });
  }
  // One buffer that grows: chunks of their own would be in memory twice, and longer.
  const buffer = new ArrayBuffer(0, { maxByteLength: MAX_UPLOAD_BYTES });
  for await (const chunk of response.body) {
    onProgress();
    const { byteLength } = buffer;
    if (byteLength + chunk.byteLength > MAX_UPLOAD_BYTES)
      throw new UserError({ code: 'E_ATT_BIG', maxBytes: MAX_UPLOAD_BYTES });
    buffer.resize(byteLength + chunk.byteLength);
    new Uint8Array(buffer).set(chunk, byteLength);
  }
  if (buffer.byteLength === 0) throw new UserError({ code: 'E_ATT_EMPTY' });
  return new Uint8Array(buffer.transferToFixedLength());
}
