import type { IncomingMessage } from 'node:http';
import { refuse } from './api-error.ts';

/** A file that came with a request. */
export interface SentFile {
  /** The form field: `files[0]`. */
  readonly field: string;
  readonly filename: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** A request of the bot, taken apart. */
export interface ApiRequest {
  readonly method: string;
  /** Below the version: `/channels/123/messages`, decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  readonly files: readonly SentFile[];
  readonly contentType: string;
  /** Of a form, all of them. */
  readonly fields: readonly string[];
  /** Whose token it carried: the bot's, none, or a wrong one. */
  readonly authorization: string | undefined;
  readonly at: number;
}

/** Reads a request whole. @throws ApiError 50109 for a body that is neither JSON nor a form. */
export async function readRequest(incoming: IncomingMessage, now: number): Promise<ApiRequest> {
  const url = new URL(incoming.url ?? '/', 'http://discord');
  const bytes = await readBytes(incoming);
  const contentType = incoming.headers['content-type'] ?? '';
  const { body, files, fields } = await readBody(bytes, contentType);
  return {
    method: incoming.method ?? 'GET',
    path: decodeURIComponent(url.pathname.replace(/^\/api\/v\d+/, '')),
    query: url.searchParams,
    body,
    files,
    contentType,
    fields,
    authorization: incoming.headers.authorization,
    at: now,
  };
}

async function readBytes(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function readBody(bytes: Buffer<ArrayBuffer>, contentType: string) {
  if (bytes.length === 0) return { body: undefined, files: [], fields: [] };
  if (!contentType.startsWith('multipart/form-data'))
    return { body: readJson(bytes.toString()), files: [], fields: [] };
  const headers = { 'content-type': contentType };
  const form = await new Response(bytes, { headers }).formData();
  const files: SentFile[] = [];
  for (const [field, value] of form) {
    if (typeof value === 'string') continue;
    const content = new Uint8Array(await value.arrayBuffer());
    files.push({ field, filename: value.name, contentType: value.type, bytes: content });
  }
  const payload = form.get('payload_json');
  return {
    body: typeof payload === 'string' ? readJson(payload) : {},
    files,
    fields: [...form.keys()],
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse('invalidJson');
  }
}
