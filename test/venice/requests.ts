import type { IncomingMessage } from 'node:http';

/** One request as the provider saw it. */
export interface VeniceRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly at: number;
  status: number;
  /** JSON or the fields of a form, with the name of each file for its bytes. */
  readonly body: unknown;
  /** Of `POST /audio/speech`. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** Of `POST /audio/voices`. */
  readonly upload?: Upload;
  /** The sound behind a speech answer: mono 16-bit at 24 kHz. */
  pcm?: Int16Array;
  /** The same as it was sent. */
  sent?: Uint8Array;
  /** When its first byte went out, on the clock of `performance.timeOrigin + performance.now()`. */
  firstByteAt?: number;
}

export interface Upload {
  readonly model: string;
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export async function readRequest(request: IncomingMessage): Promise<VeniceRequest> {
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://stand-in');
  const path = pathname.replace('/api/v1', '');
  const body = await readBody(request);
  return {
    method: request.method ?? '',
    path,
    query,
    at: Date.now(),
    status: 0,
    ...(await describe(path, request, body)),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

async function describe(
  path: string,
  { headers }: IncomingMessage,
  body: Buffer,
): Promise<Pick<VeniceRequest, 'body' | 'json' | 'upload'>> {
  const type = headers['content-type'] ?? '';
  if (path === '/audio/speech' && type.startsWith('application/json')) return readJson(body);
  if (path !== '/audio/voices' || !type.startsWith('multipart/form-data'))
    return { body: body.length > 0 ? body.toString() : undefined };
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': type },
  }).formData();
  const fields = Object.fromEntries(
    [...form].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]),
  );
  const [model, file] = [form.get('model'), form.get('file')];
  if (typeof model !== 'string' || !(file instanceof File)) return { body: fields };
  return {
    body: fields,
    upload: {
      model,
      filename: file.name,
      contentType: file.type,
      bytes: new Uint8Array(await file.arrayBuffer()),
    },
  };
}

function readJson(body: Buffer): Pick<VeniceRequest, 'body' | 'json'> {
  const json = JSON.parse(body.toString()) as Record<string, unknown>;
  return { body: json, json };
}
