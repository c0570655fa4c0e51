import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createChecker } from '../openapi/checker.ts';
import { createViolations, type Violations } from '../violations.ts';
import { type Account, isBarred, sendAccess, sendBalance } from './account.ts';
import { refuse, sendJson } from './answers.ts';
import { createBlock } from './block.ts';
import { createFaults, type Fault, type Faults } from './faults.ts';
import { createLimits, type Says } from './limits.ts';
import { type Face, listModels, modelsOf, type Offer } from './models.ts';
import { readRequest, type VeniceRequest } from './requests.ts';
import type { VeniceRule } from './rules.ts';
import { createConverter } from './sound.ts';
import { createSpeak, type Delays, type SpeechOptions } from './speech.ts';
import { findWrong } from './speech-rules.ts';
import { loadSynthesis } from './synthesis.ts';
import { createVoices, type Handle } from './voices.ts';

export type { Delays, Handle, VeniceRequest };

export interface VeniceOptions extends Offer, SpeechOptions {
  readonly face?: Face;
  readonly delays?: Delays;
  readonly requestsPerMinute?: number;
  readonly keys?: { readonly inference: string; readonly admin: string };
}

/** Venice's audio API on loopback: strict where it is strict, and as wilful as it can be. */
export interface Venice extends AsyncDisposable {
  readonly url: string;
  readonly keys: { readonly inference: string; readonly admin: string };
  readonly requests: readonly VeniceRequest[];
  readonly violations: Violations;
  readonly handles: ReadonlyMap<string, Handle>;
  readonly faults: Faults;
  /** Moves its clock forward: handles lapse. */
  advance(ms: number): void;
  /** The speech requests that were answered with sound. */
  spoken(): readonly VeniceRequest[];
  uploads(): readonly VeniceRequest[];
  /** How many client errors it answered with in the last 30 s: too many block a model, or the key. */
  failuresInWindow(): number;
  /** Answers the calls of a model, or of `uploads`, with 429 for so long, and says so in its way. */
  overload(bucket: string, ms: number, says: Says): void;
  /** Answers all that names a model with this status from now on, or well again. */
  setModel(model: string, status: number | undefined): void;
  /** Lists the model with the instant it is retired at; after it, a call of it is a violation. */
  retire(model: string, at: number | undefined): void;
  /** Whether the list names the model: one that is retired is left out at some time. */
  setListed(model: string, isListed: boolean): void;
  /** What the key may take from: nothing is answered with 402. */
  setBalance(usd: number): void;
  /** Whether the account may use the API at all: else 403, whatever the model. */
  setPermitted(isPermitted: boolean): void;
  setDelays(delays: Delays): void;
}

export async function startVenice(options: VeniceOptions = {}): Promise<Venice> {
  const { face = 'live', requestsPerMinute = 60 } = options;
  const keys = options.keys ?? {
    inference: `VENICE_INFERENCE_KEY_${randomBytes(16).toString('hex')}`,
    admin: `VENICE_ADMIN_KEY_${randomBytes(16).toString('hex')}`,
  };
  let delays: Delays = options.delays ?? {};
  let shiftMs = 0;
  const now = () => Date.now() + shiftMs;
  const models = modelsOf(face, options);
  const converter = await createConverter();
  const speak = createSpeak({ synthesis: await loadSynthesis(), converter }, options);
  const violations = createViolations();
  const broken = (rule: VeniceRule, how: string) => violations.add(rule, how);
  const voices = createVoices({ models, now, broken });
  const faults = createFaults();
  const account: Account = { usd: 12.5, isPermitted: true, perMinute: requestsPerMinute };
  // Its page tells the reset in seconds, its newer notes in milliseconds.
  const unit = face === 'live' ? 'ms' : 's';
  const limits = createLimits({
    perMinute: requestsPerMinute,
    unit,
    onEarly: (bucket) => broken('venice rate', bucket),
  });
  const outOfUse = new Map<string, number>();
  const retired = new Map<string, number>();
  const block = createBlock(now, (bucket) => broken('venice failures', bucket));
  const unlisted = new Set<string>();
  const listed = () => models.filter(({ id }) => !unlisted.has(id));
  const requests: VeniceRequest[] = [];
  const check = createChecker('venice');

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.destroy(error as Error);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const record = await readRequest(request);
    requests.push(record);
    const wrong = check(record);
    for (const each of wrong) violations.add('rest', `${record.method} ${record.path}: ${each}`);
    response.on('finish', () => {
      record.status = response.statusCode;
      block.ended(bucket, response.statusCode);
    });
    const bucket = bucketOf(record);
    const fault = faults.take(record.path);
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') return void response.destroy();
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
    if (key !== keys.inference && key !== keys.admin) {
      broken('venice key', `${record.method} ${record.path}`);
      return refuse(response, 401, 'Authentication failed');
    }
    if (block.isBlocked(bucket)) return refuse(response, 429, 'Too many failed requests');
    if (isAudio(record)) {
      if (!models.some(({ id }) => id === modelOf(record)))
        broken('venice model', `${record.path}: ${modelOf(record)}`);
      if (limits.refused(bucket, response) || isBarred(response, account)) return;
      const status = outOfUse.get(modelOf(record));
      if ((retired.get(modelOf(record)) ?? Infinity) <= Date.now())
        broken('venice retired', `${record.path}: ${modelOf(record)}`);
      if (status !== undefined) return refuse(response, status, 'This model is not available');
    }
    if (wrong.length > 0)
      return refuse(response, 400, { error: 'Invalid request parameters', issues: wrong });
    await route(record, response, { fault, isAdmin: key === keys.admin });
  }

  async function route(
    record: VeniceRequest,
    response: ServerResponse,
    { fault, isAdmin }: { fault: Fault | undefined; isAdmin: boolean },
  ): Promise<void> {
    switch (`${record.method} ${record.path}`) {
      case 'GET /models':
        return sendJson(response, listModels(listed(), retired));
      case 'GET /api_keys/rate_limits':
        return sendAccess(response, account);
      case 'GET /billing/balance':
        return sendBalance(response, account, isAdmin);
      case 'POST /audio/voices':
        return voices.create(record, response);
      case 'POST /audio/speech':
        return await speakIfRight(record, response, fault);
      default:
        return refuse(response, 404, 'Not found');
    }
  }

  async function speakIfRight(
    record: VeniceRequest,
    response: ServerResponse,
    fault: Fault | undefined,
  ): Promise<void> {
    const { json } = record;
    if (!json) return refuse(response, 415, 'Expected application/json');
    const model = models.find(({ id }) => id === json['model']);
    if (!model) return refuse(response, json['model'] === undefined ? 400 : 404, 'Unknown model');
    const wrong = findWrong(json, model, { handles: voices.handles, now: now() });
    if (wrong?.rule) broken(wrong.rule, JSON.stringify(wrong.body));
    if (wrong) return refuse(response, 400, wrong.body);
    voices.used(voices.handles.get(String(json['voice'])), model);
    await speak(record, response, { model, fault, delays });
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
    keys,
    requests,
    violations,
    handles: voices.handles,
    faults,
    failuresInWindow: block.failuresInWindow,
    overload: limits.hold,
    setModel(model, status) {
      if (status === undefined) outOfUse.delete(model);
      else outOfUse.set(model, status);
    },
    retire(model, at) {
      if (at === undefined) retired.delete(model);
      else retired.set(model, at);
    },
    setListed(model, isListed) {
      if (isListed) unlisted.delete(model);
      else unlisted.add(model);
    },
    setBalance(usd) {
      account.usd = usd;
    },
    setPermitted(isPermitted) {
      account.isPermitted = isPermitted;
    },
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

function isAudio({ path }: VeniceRequest): boolean {
  return path.startsWith('/audio/');
}

function modelOf({ json, upload }: VeniceRequest): string {
  return upload?.model ?? String(json?.['model']);
}

/** What a request is counted with. */
function bucketOf(record: VeniceRequest): string {
  if (!isAudio(record)) return 'questions';
  return record.upload ? 'uploads' : modelOf(record);
}
