import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import type { Timing } from '../../src/venice/timing.ts';
import type { TransportOptions } from '../../src/venice/transport.ts';
import { createVenice, type SpeakRequest, type Venice } from '../../src/venice/venice.ts';

/** Never to be seen in an error. */
export const KEY = 'VENICE_INFERENCE_KEY_0123456789abcdef';
export const HANDLE = 'vv_handle_0123456789';
export const TEXT = 'The words of a member';

export const LINE: SpeakRequest = {
  model: 'tts-chatterbox-hd',
  voice: HANDLE,
  input: TEXT,
  responseFormat: 'wav',
};
export const SOUND = Buffer.from('RIFF and what belongs to it');

/** The documented behaviour, made fast. */
export const FAST: Partial<Timing> = {
  firstByteMs: 150,
  idleMs: 100,
  speechMs: 3_000,
  cloneMs: 3_000,
  askMs: 3_000,
  backoffMinMs: 1,
  backoffMaxMs: 5,
};

export type Reply = (response: ServerResponse) => void;

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Resolves when the client is gone before the answer was complete. */
  readonly left: Promise<void>;
}

/** A provider that answers each call with the next reply, and the last reply ever after. */
export interface Provider extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** The connections that were opened. */
  readonly connections: number;
  /** Waits for the so-many-th request to be here. */
  until(requests: number): Promise<void>;
}

export async function startProvider(...replies: Reply[]): Promise<Provider> {
  const seen: Seen[] = [];
  const waiting = new Map<number, () => void>();
  let connections = 0;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const left = once(response, 'close').then(() => undefined);
    const { method = '', url: path = '', headers } = request;
    seen.push({ method, path, headers, body: Buffer.concat(parts), left });
    const reply = replies[Math.min(seen.length, replies.length) - 1];
    reply?.(response);
    waiting.get(seen.length)?.();
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    get connections() {
      return connections;
    },
    async until(requests) {
      if (seen.length >= requests) return;
      await new Promise<void>((resolve) => waiting.set(requests, resolve));
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A host that takes connections and never says a word, so that TLS is never agreed on. */
export async function startMute(): Promise<{ readonly url: string } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket.on('error', () => sockets.delete(socket)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function connect(
  provider: { readonly url: string },
  options: Partial<TransportOptions> = {},
): Venice {
  return createVenice({
    apiKey: KEY,
    baseUrl: provider.url,
    clock: Date.now,
    ...options,
    timing: { ...FAST, ...options.timing },
  });
}

export function sound(headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'audio/wav', ...headers });
    response.end(SOUND);
  };
}

export function json(body: unknown): Reply {
  return answer(200, body);
}

export function answer(
  status: number,
  body: unknown = { error: 'no' },
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Sends so much, then nothing more. */
export function stall(...pieces: (string | Buffer)[]): Reply {
  return (response) => {
    response.writeHead(200, { 'content-type': 'audio/wav' });
    response.flushHeaders();
    for (const piece of pieces) response.write(piece);
  };
}

/** Sends so much, then cuts the connection. */
export function cut(...pieces: (string | Buffer)[]): Reply {
  return (response) => {
    stall(...pieces)(response);
    setTimeout(() => response.destroy(), 20);
  };
}

export const hang: Reply = () => undefined;

export const hangUp: Reply = (response) => {
  response.destroy();
};

/** In Unix seconds, as the provider says it. */
export function resetIn(ms: number): Readonly<Record<string, string>> {
  return { 'x-ratelimit-reset-requests': String((Date.now() + ms) / 1000) };
}

export async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

export function forever(): AbortSignal {
  return new AbortController().signal;
}

/** What a promise fails with; fails itself when it does not. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome) return outcome.error;
  throw new Error('It did not fail');
}
