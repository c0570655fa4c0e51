import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createChecker } from '../../openapi/checker.ts';
import type { Violations } from '../../violations.ts';
import type { World } from '../world/world.ts';
import { ApiError, refuse } from './api-error.ts';
import { createCallRules } from './call-rules.ts';
import { invalidForm } from './form.ts';
import { type ApiRequest, readRequest } from './request.ts';
import { applicationRoutes } from './routes/application.ts';
import { channelRoutes } from './routes/channels.ts';
import { interactionRoutes } from './routes/interactions.ts';
import { route } from './routes/routes.ts';
import { voiceRoutes } from './routes/voice.ts';

/** The requests that are meant. */
export interface RestPattern {
  readonly method: string;
  /** A part of the path. */
  readonly path: string;
  /** A part of what it says, where only some are meant. */
  readonly says?: string;
}

/** A failure to be answered instead of what a request asks for. */
export interface RestFault extends RestPattern {
  /** `cut`: the connection ends without an answer; `silent`: it stays, and none comes. */
  readonly status: number | 'cut' | 'silent';
  readonly code?: number;
  /** Seconds after which it may be asked again, as a 429 says. */
  readonly retryAfter?: number;
  /** Of a 429: whether it is for all calls. */
  readonly isGlobal?: boolean;
  /** What was asked for is done all the same: only its answer is lost. */
  readonly isDone?: boolean;
  /** Then the gateway does not tell of it either. */
  readonly isUntold?: boolean;
}

export interface RestServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ApiRequest[];
  fail(fault: RestFault, times?: number): void;
  /** Keeps the next such request waiting until it is let go. */
  hold(pattern: RestPattern): { readonly isReached: boolean; letGo(): void };
  /** How long each answer takes from now on; Discord's own take about 100 ms. */
  answersAfter(ms: number): void;
}

/** What a bot's must look like; what stands before Discord blocks others. */
const USER_AGENT = /^DiscordBot \(\S+, \S+\)/;

/** Discord's REST API, version 10, as the bot uses it. */
export async function startRest(
  world: World,
  gatewayUrl: string,
  violations: Violations,
): Promise<RestServer> {
  const check = createChecker('discord');
  const routes = [
    ...applicationRoutes(gatewayUrl),
    ...channelRoutes,
    ...interactionRoutes,
    ...voiceRoutes,
  ];
  const rules = createCallRules(world, violations);
  const requests: ApiRequest[] = [];
  const faults: RestFault[] = [];
  let delayMs = 0;
  const holds: { pattern: RestPattern; reach(): void; end: Promise<void> }[] = [];

  const server = createServer(async (incoming, response) => {
    const answer = (status: number, body: unknown, retryAfter?: number) => {
      response.writeHead(status, {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
        'x-ratelimit-limit': '100',
        'x-ratelimit-remaining': '99',
        'x-ratelimit-reset-after': '1',
        'x-ratelimit-bucket': 'stand-in',
      });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
    try {
      const request = await readRequest(incoming, world.clock());
      requests.push(request);
      rules.call(request);
      const wrong = check(request);
      const { method, path } = request;
      for (const each of wrong) violations.add('rest', `${method} ${path}: ${each}`);
      if (delayMs > 0) await sleep(delayMs);
      const held = takeFirst(holds, ({ pattern }) => isMeant(pattern, request));
      held?.reach();
      await held?.end;
      const fault = takeFirst(faults, (each) => isMeant(each, request));
      const silent = { ...world, publish: () => undefined };
      if (fault?.isDone) rules.lost(request);
      if (fault?.isDone) route(routes, fault.isUntold ? silent : world, request);
      if (fault?.status === 'silent') return;
      if (fault?.status === 'cut') {
        incoming.socket.destroy();
        return;
      }
      if (fault) {
        const { status, code, retryAfter, isGlobal = false } = fault;
        if (status === 429) rules.held(request, retryAfter ?? 0, isGlobal);
        if (isGlobal) response.setHeader('x-ratelimit-global', 'true');
        answer(
          status,
          { message: `injected ${status}`, code, retry_after: retryAfter, global: isGlobal },
          retryAfter,
        );
        return;
      }
      if (!incoming.url?.startsWith('/api/v10/'))
        throw new ApiError(404, 0, 'Only version 10 is spoken here');
      if (!USER_AGENT.test(incoming.headers['user-agent'] ?? '')) throw refuse('badUserAgent');
      if (wrong.length > 0)
        throw invalidForm(wrong.map((message) => ({ path: [], code: 'DOCUMENT', message })));
      const { status, body } = route(routes, world, request);
      answer(status, body);
    } catch (error) {
      if (error instanceof ApiError) answer(error.status, error.body);
      else answer(500, { message: String(error), code: 0 });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    requests,
    fail(fault, times = 1) {
      faults.push(...Array.from({ length: times }, () => fault));
    },
    hold(pattern) {
      const end = Promise.withResolvers<void>();
      let isReached = false;
      const reach = () => {
        isReached = true;
        world.watch.changed();
      };
      holds.push({ pattern, reach, end: end.promise });
      return {
        get isReached() {
          return isReached;
        },
        letGo: end.resolve,
      };
    },
    answersAfter(ms) {
      delayMs = ms;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function takeFirst<T>(list: T[], fits: (item: T) => boolean): T | undefined {
  const index = list.findIndex(fits);
  return index === -1 ? undefined : list.splice(index, 1)[0];
}

function isMeant({ method, path, says = '' }: RestPattern, request: ApiRequest): boolean {
  const text = JSON.stringify(request.body) ?? '';
  return method === request.method && request.path.includes(path) && text.includes(says);
}
