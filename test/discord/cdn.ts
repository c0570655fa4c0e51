import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Violations } from '../violations.ts';
import type { AdjustableClock } from './world/clock.ts';
import type { Snowflakes } from './world/snowflakes.ts';

/** How the CDN misbehaves for one file. */
export type CdnFault =
  | { readonly kind: 'missing' }
  | { readonly kind: 'redirect'; readonly to: string }
  /** Sends zeros in gzip that unpack to this many bytes, whatever encoding was asked for. */
  | { readonly kind: 'gzip-bomb'; readonly bytes: number }
  /** Sends this many bytes, then nothing more and no end. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** Claims no length at all (chunked). */
  | { readonly kind: 'no-length' }
  /** Ends the connection after this many bytes of the promised ones. */
  | { readonly kind: 'cut'; readonly afterBytes: number };

export interface CdnFile {
  readonly filename: string;
  readonly contentType?: string | undefined;
  readonly channelId?: string;
  readonly fault?: CdnFault;
  /** `ephemeral-attachments` is where files given to commands lie. */
  readonly folder?: 'attachments' | 'ephemeral-attachments';
  /** Serves it from a second, foreign origin, where nobody should ever fetch. */
  readonly isForeign?: boolean;
  /** @default a day, as Discord signs its links. */
  readonly lifeMs?: number;
}

/** Where attachments lie: what members attach and what the bot posts. */
export interface Cdn {
  readonly origin: string;
  /** The foreign origin: a canary that counts requests too. */
  readonly foreignOrigin: string;
  /** Keeps the bytes and returns their signed link. */
  put(bytes: Uint8Array, file: CdnFile): string;
  /** @throws if no such file was ever kept. */
  get(url: string): Uint8Array;
  /** How many requests came in, to one link or in all. */
  hits(url?: string): number;
  /** How many requests came to the foreign origin. */
  foreignHits(): number;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;

interface Kept {
  readonly bytes: Uint8Array;
  readonly file: CdnFile;
  hits: number;
  /** The query of its signed link. */
  readonly signature: string;
}

/** Starts both origins on loopback; `create` then makes the CDN of one world. */
/** What the rules of the CDN in words are, each checked where a request comes in. */
export const CDN_RULES = {
  'cdn method': 'files are fetched with GET',
  'cdn link': 'a link is used whole, with its signature and nothing more',
  'cdn secrets': 'no token and no cookie is sent along',
} as const;

export async function openCdn(violations: Violations): Promise<{
  create(clock: AdjustableClock, nextId: Snowflakes): Cdn;
}> {
  const own = await listen();
  const foreign = await listen();
  return { create: (clock, nextId) => createCdn({ own, foreign, clock, nextId, violations }) };
}

function createCdn(options: {
  own: Listening;
  foreign: Listening;
  clock: AdjustableClock;
  nextId: Snowflakes;
  violations: Violations;
}): Cdn {
  const { own, foreign, clock, nextId, violations } = options;
  const kept = new Map<string, Kept>();
  let allHits = 0;
  let foreignHits = 0;
  const find = (url: string) => kept.get(new URL(url, own.origin).pathname);
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const found = find(request.url ?? '');
    if (found) found.hits++;
    if (!found || isExpired(request.url ?? '', clock())) return refuse(response);
    send(found, response);
  };
  own.server.on('request', (request, response) => {
    allHits++;
    checkFetch(request, find(request.url ?? '')?.signature, violations);
    serve(request, response);
  });
  foreign.server.on('request', (request, response) => {
    foreignHits++;
    serve(request, response);
  });
  return {
    origin: own.origin,
    foreignOrigin: foreign.origin,
    put(bytes, file) {
      const { folder = 'ephemeral-attachments', channelId = nextId(), lifeMs = DAY_MS } = file;
      const path = `/${folder}/${channelId}/${nextId()}/${encodeURIComponent(tidy(file.filename))}`;
      const signature = sign(clock(), lifeMs);
      kept.set(path, { bytes, file, hits: 0, signature });
      return `${file.isForeign ? foreign.origin : own.origin}${path}?${signature}`;
    },
    get(url) {
      const found = find(url);
      if (!found) throw new Error('No such file was ever kept by the CDN');
      return found.bytes;
    },
    hits: (url) => (url === undefined ? allHits : (find(url)?.hits ?? 0)),
    foreignHits: () => foreignHits,
    async close() {
      await Promise.all([shut(own.server), shut(foreign.server)]);
    },
  };
}

function checkFetch(
  { method, url = '', headers }: IncomingMessage,
  signature: string | undefined,
  violations: Violations,
): void {
  const broken = (rule: keyof typeof CDN_RULES, how: string) => violations.add(rule, how);
  if (method !== 'GET') broken('cdn method', String(method));
  const query = url.split('?')[1] ?? '';
  if (signature !== undefined && query !== signature) broken('cdn link', 'another signature');
  const told = ['authorization', 'cookie'].filter((name) => headers[name] !== undefined);
  if (told.length > 0) broken('cdn secrets', told.join());
}

/** Discord's own tidying of names: what is no letter, digit, dot, dash or underline goes. */
export function tidy(filename: string): string {
  return filename.replace(/\s/g, '_').replace(/[^\p{L}\p{N}._-]/gu, '') || 'unknown';
}

function sign(now: number, lifeMs: number): string {
  const hex = (at: number) => Math.floor(at / 1000).toString(16);
  const hm = createHash('sha256').update(randomBytes(16)).digest('hex');
  return new URLSearchParams({ ex: hex(now + lifeMs), is: hex(now), hm }).toString();
}

function isExpired(url: string, now: number): boolean {
  const ex = new URL(url, 'http://cdn').searchParams.get('ex');
  return ex === null || Number.parseInt(ex, 16) * 1000 < now;
}

function refuse(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'text/plain' });
  response.end('This content is no longer available.');
}

function send({ bytes, file }: Kept, response: ServerResponse): void {
  const { fault, contentType } = file;
  const type = contentType === undefined ? {} : { 'content-type': contentType };
  const whole = { ...type, 'content-length': bytes.length };
  switch (fault?.kind) {
    case undefined:
      response.writeHead(200, whole).end(bytes);
      return;
    case 'missing':
      return refuse(response);
    case 'redirect':
      response.writeHead(302, { location: fault.to }).end();
      return;
    case 'gzip-bomb':
      response.writeHead(200, { ...type, 'content-encoding': 'gzip' });
      response.end(gzipSync(Buffer.alloc(fault.bytes)));
      return;
    case 'stall':
      response.writeHead(200, whole).write(bytes.subarray(0, fault.afterBytes));
      return;
    case 'no-length':
      response.writeHead(200, type);
      response.write(bytes);
      response.end();
      return;
    case 'cut':
      response.writeHead(200, whole);
      response.write(bytes.subarray(0, fault.afterBytes), () => response.destroy());
  }
}

interface Listening {
  readonly server: Server;
  readonly origin: string;
}

async function listen(): Promise<Listening> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function shut(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
