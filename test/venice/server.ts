import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { writeWav } from '../../src/audio/wav.ts';
import { createFaults, type Faults, refuse } from './faults.ts';
import { type Face, listModels, modelsOf, type Offer, type StandInModel } from './models.ts';
import { createConverter, ENCODINGS } from './sound.ts';
import { joinSamples, loadSynthesis, SAMPLE_RATE } from './synthesis.ts';

const DAY_MS = 86_400_000;

/** One request as the provider saw it. */
export interface VeniceRequest {
  readonly method: string;
  readonly path: string;
  readonly at: number;
  status: number;
  /** Of `POST /audio/speech`. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** Of `POST /audio/voices`. */
  readonly upload?: {
    readonly model: string;
    readonly filename: string;
    readonly contentType: string;
    readonly bytes: Uint8Array;
  };
  /** The sound behind a speech answer: mono 16-bit at 24 kHz. */
  pcm?: Int16Array;
  /** The same as it was sent. */
  sent?: Uint8Array;
  /** When its first byte went out, on the clock of `performance.timeOrigin + performance.now()`. */
  firstByteAt?: number;
}

export interface Handle {
  readonly id: string;
  readonly model: string;
  expiresAt: number;
}

export interface VeniceOptions extends Offer {
  readonly face?: Face;
  readonly delays?: Delays;
  /** Whether it heeds `streaming`, as some models do. @default true */
  readonly streams?: boolean;
  readonly chunkBytes?: number;
  /** What the length fields of a streamed WAV say. @default 'right' */
  readonly wavLength?: 'right' | 'zero' | 'endless';
  readonly requestsPerMinute?: number;
  readonly keys?: { readonly inference: string; readonly admin: string };
}

/** How long its work takes, in milliseconds. */
export interface Delays {
  /** Before the first byte. */
  readonly firstByteMs?: number;
  /** The same where the answer is streamed. @default as long as any first byte */
  readonly streamedFirstByteMs?: number;
  /** On top for each character: before the first byte, or for each sentence of a stream before the next. */
  readonly perCharacterMs?: number;
  /** Between chunks. */
  readonly chunkMs?: number;
}

/** Venice's audio API on loopback: strict where it is strict, and as wilful as it can be. */
export interface Venice extends AsyncDisposable {
  readonly url: string;
  readonly keys: { readonly inference: string; readonly admin: string };
  readonly requests: readonly VeniceRequest[];
  readonly handles: ReadonlyMap<string, Handle>;
  readonly faults: Faults;
  /** Moves its clock forward: handles lapse. */
  advance(ms: number): void;
  /** The speech requests that were answered with sound. */
  spoken(): readonly VeniceRequest[];
  uploads(): readonly VeniceRequest[];
  /** How many calls failed within the last 30 s: more than 20 block the key. */
  failuresInWindow(): number;
  setDelays(delays: Delays): void;
}

export async function startVenice(options: VeniceOptions = {}): Promise<Venice> {
  const {
    face = 'live',
    chunkBytes = 8192,
    wavLength = 'right',
    requestsPerMinute = 60,
    streams = true,
  } = options;
  const keys = options.keys ?? {
    inference: `VENICE_INFERENCE_KEY_${randomBytes(16).toString('hex')}`,
    admin: `VENICE_ADMIN_KEY_${randomBytes(16).toString('hex')}`,
  };
  let delays: Delays = options.delays ?? {};
  const models = modelsOf(face, options);
  const synthesis = await loadSynthesis();
  const converter = await createConverter();
  const faults = createFaults();
  const requests: VeniceRequest[] = [];
  const handles = new Map<string, Handle>();
  let shiftMs = 0;
  const now = () => Date.now() + shiftMs;
  let failures: number[] = [];
  let audioCalls: number[] = [];

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.destroy(error as Error);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://stand-in');
    const path = pathname.replace('/api/v1', '');
    const body = await readBody(request);
    const record: VeniceRequest = {
      method: request.method ?? '',
      path,
      at: Date.now(),
      status: 0,
      ...(await describe(path, request, body)),
    };
    requests.push(record);
    response.on('finish', () => finished(record, response));
    const isAudio = path.startsWith('/audio/');
    if (isAudio) rateHeaders(response);
    const fault = faults.take(path);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'status') {
      for (const [name, value] of Object.entries(fault.headers ?? {}))
        response.setHeader(name, value);
      return refuse(response, fault.status, fault.body ?? `injected ${fault.status}`);
    }
    if (fault?.kind === 'nonsense') {
      response.writeHead(200, { 'content-type': fault.contentType });
      response.end(fault.body);
      return;
    }
    const key = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (key !== keys.inference && key !== keys.admin)
      return refuse(response, 401, 'Authentication failed');
    if (failuresInWindow() > 20) return refuse(response, 429, 'Too many failed requests');
    if (isAudio && audioCalls.length > requestsPerMinute)
      return refuse(response, 429, {
        error: 'Rate limit exceeded',
        details: 'RATE_LIMIT_EXCEEDED',
      });
    switch (`${request.method} ${path}`) {
      case 'GET /models':
        return sendJson(response, listModels(models));
      case 'GET /api_keys/rate_limits':
        return sendJson(response, accessOf(requestsPerMinute));
      case 'GET /billing/balance':
        if (key !== keys.admin) return refuse(response, 401, 'Admin API key required');
        return sendJson(response, {
          canConsume: true,
          consumptionCurrency: 'USD',
          balances: { usd: 12.5, diem: null },
          diemEpochAllocation: 0,
        });
      case 'POST /audio/voices':
        return createVoice(record, response);
      case 'POST /audio/speech':
        return await speak(record, response, fault);
      default:
        return refuse(response, 404, 'Not found');
    }
  }

  function createVoice({ upload }: VeniceRequest, response: ServerResponse): void {
    if (!upload) return refuse(response, 415, 'Expected multipart/form-data with model and file');
    const model = models.find(({ id }) => id === upload.model);
    if (!model?.cloning)
      return refuse(response, 400, `Model ${upload.model} does not support voice cloning`);
    const container = sniff(upload.bytes);
    if (!container || !model.cloning.accepted_formats.includes(container))
      return refuse(response, 400, {
        error: 'Invalid request parameters',
        details: {
          file: `Unsupported container, accepted: ${model.cloning.accepted_formats.join(', ')}`,
        },
      });
    if (container === 'wav' && wavSeconds(upload.bytes) < model.cloning.min_sample_seconds)
      return refuse(
        response,
        400,
        `Sample is shorter than ${model.cloning.min_sample_seconds} seconds`,
      );
    const id = `vv_${randomBytes(12).toString('hex')}`;
    handles.set(id, {
      id,
      model: model.id,
      expiresAt: now() + model.cloning.retention_days * DAY_MS,
    });
    return sendJson(response, { id, model: model.id });
  }

  async function speak(
    record: VeniceRequest,
    response: ServerResponse,
    fault: ReturnType<Faults['take']>,
  ): Promise<void> {
    const { json } = record;
    if (!json) return refuse(response, 415, 'Expected application/json');
    const wrong = findWrong(json, models, handles, now());
    if (wrong !== undefined) return refuse(response, 400, wrong);
    const model = models.find(({ id }) => id === json['model']) as StandInModel;
    const voice = String(json['voice'] ?? 'af_sky');
    const handle = handles.get(voice);
    if (handle && model.cloning?.mode === 'persistent') handle.expiresAt = now() + 7 * DAY_MS;
    const input = String(json['input']);
    const format = String(
      json['response_format'] ?? (model.formats.includes('mp3') ? 'mp3' : model.formats[0]),
    );
    const isStreaming = streams && json['streaming'] === true;
    const sentences = isStreaming ? (input.match(/[^.!?]+[.!?]*\s*/g) ?? [input]) : [input];
    const speed = json['speed'] as number | undefined;
    const parts = sentences.map((sentence) => synthesis.speak(sentence, { voice, speed }));
    const samples = joinSamples(parts);
    record.pcm = samples;
    // Opus comes as it does where each sentence is made alone: as streams strung together.
    const { type, bytes } = await encode(format === 'opus' ? parts : [samples], format);
    record.sent = bytes;
    const { firstByteMs = 0, streamedFirstByteMs = firstByteMs, perCharacterMs = 0 } = delays;
    await pause(isStreaming ? streamedFirstByteMs : firstByteMs + perCharacterMs * input.length);
    response.writeHead(200, { 'content-type': type });
    let made = 0;
    for (const [index, part] of parts.entries()) {
      if (index > 0) await pause(perCharacterMs * (sentences[index - 1]?.length ?? 0));
      const from = made;
      made = index === parts.length - 1 ? bytes.byteLength : made + shareOf(part, samples, bytes);
      if (!(await send(record, response, fault, { bytes, from, to: made }))) return;
    }
    response.end();
  }

  /** Sends a stretch of the answer in chunks. False: it breaks off here. */
  async function send(
    record: VeniceRequest,
    response: ServerResponse,
    fault: ReturnType<Faults['take']>,
    { bytes, from, to }: { bytes: Uint8Array; from: number; to: number },
  ): Promise<boolean> {
    for (let offset = from; offset < to; offset += chunkBytes) {
      if (response.destroyed) return false;
      const end = Math.min(to, offset + chunkBytes);
      if ((fault?.kind === 'stall' || fault?.kind === 'cut') && end > fault.afterBytes) {
        response.write(bytes.subarray(offset, fault.afterBytes));
        if (fault.kind === 'cut') setImmediate(() => response.destroy());
        return false;
      }
      record.firstByteAt ??= performance.timeOrigin + performance.now();
      response.write(bytes.subarray(offset, end));
      await pause(delays.chunkMs ?? 0);
    }
    return true;
  }

  async function encode(
    parts: readonly Int16Array[],
    format: string,
  ): Promise<{ type: string; bytes: Uint8Array }> {
    const encoding = ENCODINGS[format];
    if (encoding) {
      const files: Uint8Array[] = [];
      for (const samples of parts)
        files.push(await converter.fromPcm({ sampleRate: SAMPLE_RATE, samples }, encoding.args));
      return { type: encoding.type, bytes: Buffer.concat(files) };
    }
    const samples = joinSamples(parts);
    const wav = Buffer.from(writeWav({ sampleRate: SAMPLE_RATE, samples }));
    if (format === 'pcm') return { type: 'audio/pcm', bytes: wav.subarray(44) };
    const length = { right: undefined, zero: 0, endless: 0xffff_ffff }[wavLength];
    if (length !== undefined) {
      wav.writeUInt32LE(length, 4);
      wav.writeUInt32LE(length, 40);
    }
    return { type: 'audio/wav', bytes: wav };
  }

  function rateHeaders(response: ServerResponse): void {
    const minuteAgo = Date.now() - 60_000;
    audioCalls = [...audioCalls.filter((at) => at > minuteAgo), Date.now()];
    const reset = Math.ceil(((audioCalls[0] ?? Date.now()) + 60_000) / 1000);
    response.setHeader('x-ratelimit-limit-requests', String(requestsPerMinute));
    response.setHeader(
      'x-ratelimit-remaining-requests',
      String(Math.max(0, requestsPerMinute - audioCalls.length)),
    );
    response.setHeader('x-ratelimit-reset-requests', String(reset));
  }

  function finished(record: VeniceRequest, response: ServerResponse): void {
    record.status = response.statusCode;
    if (response.statusCode >= 400) failures.push(now());
  }

  function failuresInWindow(): number {
    failures = failures.filter((at) => at > now() - 30_000);
    return failures.length;
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
    keys,
    requests,
    handles,
    faults,
    failuresInWindow,
    advance(ms) {
      shiftMs += ms;
    },
    setDelays(changed) {
      delays = changed;
    },
    spoken: () => requests.filter(({ path, pcm }) => path === '/audio/speech' && pcm),
    uploads: () => requests.filter(({ path }) => path === '/audio/voices'),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await converter[Symbol.asyncDispose]();
    },
  };
}

/** What the API would refuse a speech request for. */
function findWrong(
  json: Readonly<Record<string, unknown>>,
  models: readonly StandInModel[],
  handles: ReadonlyMap<string, Handle>,
  now: number,
): unknown {
  const {
    input,
    model: modelId,
    voice = 'af_sky',
    response_format: format,
    speed,
    temperature,
  } = json;
  const model = models.find(({ id }) => id === modelId);
  if (!model) return `Unknown model ${String(modelId)}`;
  if (typeof input !== 'string' || input.length < 1 || input.length > 4096)
    return {
      error: 'Invalid request parameters',
      issues: [{ path: ['input'], message: 'input must have 1 to 4096 characters' }],
    };
  if (format !== undefined && !model.formats.includes(String(format)))
    return {
      error: {
        message: `Unsupported response_format, supported: ${model.formats.join(', ')}`,
        type: 'invalid_request_error',
        param: 'response_format',
        code: null,
      },
    };
  if (!isWithin(speed, 0.25, 4))
    return { error: 'Invalid request parameters', details: { speed: 'out of range' } };
  if (!isWithin(temperature, 0, 2))
    return { error: 'Invalid request parameters', details: { temperature: 'out of range' } };
  if (!String(voice).startsWith('vv_'))
    return model.voices.includes(String(voice)) ? undefined : `Unknown voice for ${model.id}`;
  const handle = handles.get(String(voice));
  if (!handle || handle.expiresAt <= now) return 'Voice handle is unknown or has expired';
  return handle.model === model.id ? undefined : 'Voice handle is not compatible with this model';
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return value === undefined || (typeof value === 'number' && value >= min && value <= max);
}

/** How many bytes of the answer are one sentence's, by how long it is. */
function shareOf(part: Int16Array, all: Int16Array, bytes: Uint8Array): number {
  return Math.floor((bytes.byteLength * part.length) / Math.max(1, all.length)) & ~1;
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
): Promise<Pick<VeniceRequest, 'json' | 'upload'>> {
  const type = headers['content-type'] ?? '';
  if (path === '/audio/speech' && type.startsWith('application/json'))
    return { json: JSON.parse(body.toString()) as Record<string, unknown> };
  if (path !== '/audio/voices' || !type.startsWith('multipart/form-data')) return {};
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': type },
  }).formData();
  const [model, file] = [form.get('model'), form.get('file')];
  if (typeof model !== 'string' || !(file instanceof File)) return {};
  return {
    upload: {
      model,
      filename: file.name,
      contentType: file.type,
      bytes: new Uint8Array(await file.arrayBuffer()),
    },
  };
}

function sniff(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  if (head.startsWith('RIFF') && head.endsWith('WAVE')) return 'wav';
  if (head.startsWith('fLaC')) return 'flac';
  if (head.startsWith('ID3') || (bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0))
    return 'mp3';
  return head.slice(4, 8) === 'ftyp' ? 'mp4' : undefined;
}

function wavSeconds(bytes: Uint8Array): number {
  const wav = Buffer.from(bytes);
  return (wav.byteLength - 44) / wav.readUInt32LE(28);
}

function accessOf(requestsPerMinute: number): unknown {
  return {
    data: {
      accessPermitted: true,
      apiTier: { id: 'paid', isCharged: true },
      balances: { USD: 12.5, DIEM: 0 },
      keyExpiration: null,
      nextEpochBegins: '2030-01-01T00:00:00.000Z',
      rateLimits: [
        {
          apiModelId: 'tts-chatterbox-hd',
          rateLimits: [{ amount: requestsPerMinute, type: 'RPM' }],
        },
      ],
    },
  };
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** At the least a turn of the loop: whoever else lives on it comes in between. */
function pause(ms: number): Promise<void> {
  return ms > 0 ? sleep(ms) : turn();
}
