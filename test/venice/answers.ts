import type { ServerResponse } from 'node:http';

export function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** The provider's way of saying what is wrong. */
export function refuse(response: ServerResponse, status: number, body: unknown): void {
  const shaped = typeof body === 'string' ? { error: body } : body;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(shaped));
}
