import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { World } from '../world/world.ts';
import { ApiError } from './api-error.ts';
import { type ApiRequest, readRequest } from './request.ts';
import { applicationRoutes } from './routes/application.ts';
import { channelRoutes } from './routes/channels.ts';
import { interactionRoutes } from './routes/interactions.ts';
import { route } from './routes/routes.ts';
import { voiceRoutes } from './routes/voice.ts';

/** A failure to be answered instead of what a request asks for. */
export interface RestFault {
  readonly method: string;
  /** A part of the path. */
  readonly path: string;
  /** A part of what it says, where only some are to fail. */
  readonly says?: string;
  readonly status: number;
  readonly code?: number;
}

export interface RestServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ApiRequest[];
  fail(fault: RestFault, times?: number): void;
}

/** Discord's REST API, version 10, as the bot uses it. */
export async function startRest(world: World, gatewayUrl: string): Promise<RestServer> {
  const routes = [
    ...applicationRoutes(gatewayUrl),
    ...channelRoutes,
    ...interactionRoutes,
    ...voiceRoutes,
  ];
  const requests: ApiRequest[] = [];
  const faults: RestFault[] = [];

  const server = createServer(async (incoming, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, {
        ...(body !== undefined && { 'content-type': 'application/json' }),
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
      const index = faults.findIndex((fault) => isMeant(fault, request));
      const [fault] = index === -1 ? [] : faults.splice(index, 1);
      if (fault) throw new ApiError(fault.status, fault.code ?? 0, `injected ${fault.status}`);
      if (!incoming.url?.startsWith('/api/v10/'))
        throw new ApiError(404, 0, 'Only version 10 is spoken here');
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
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isMeant({ method, path, says = '' }: RestFault, request: ApiRequest): boolean {
  const text = JSON.stringify(request.body) ?? '';
  return method === request.method && request.path.includes(path) && text.includes(says);
}
