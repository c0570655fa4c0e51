import type { World } from '../../world/world.ts';
import { refuse } from '../api-error.ts';
import type { ApiRequest } from '../request.ts';

/** What a route answers: a status and a body, `undefined` for none. */
export interface ApiAnswer {
  readonly status: number;
  readonly body?: unknown;
}

export interface Route {
  readonly method: string;
  /** With `:name` for what varies. */
  readonly path: string;
  /** Whether the token in the path is enough. */
  readonly isOpen?: boolean;
  run(call: {
    readonly world: World;
    readonly request: ApiRequest;
    readonly params: Readonly<Record<string, string>>;
  }): ApiAnswer;
}

/** Finds the route of a request and runs it. @throws ApiError. */
export function route(routes: readonly Route[], world: World, request: ApiRequest): ApiAnswer {
  const fitting = routes.flatMap((one) => {
    const params = match(one.path, request.path);
    return params ? [{ one, params }] : [];
  });
  const found = fitting.find(({ one }) => one.method === request.method);
  if (!found) throw refuse(fitting.length > 0 ? 'methodNotAllowed' : 'notFound');
  if (!found.one.isOpen && request.authorization !== `Bot ${world.token}`)
    throw refuse('unauthorized');
  return found.one.run({ world, request, params: found.params });
}

function match(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
}
