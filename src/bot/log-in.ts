import { type Client, Events } from 'discord.js';
import { abortable } from '../domain/abortable.ts';
import { SECOND_MS } from '../domain/time.ts';

/** Long enough for any handshake. */
const KNOCK_TIMEOUT_MS = 10 * SECOND_MS;

/**
 * Finds out whether the gateway lets anybody in. A login that meets a gateway out of order fails for
 * good, while the library goes on connecting behind it: so nobody logs in before it is in order.
 * @throws Error with code ECONNRESET where it does not answer.
 */
export async function knockAtGateway(url: string): Promise<void> {
  const socket = new WebSocket(`${url}/?v=10&encoding=json`);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const away = new Error('The gateway of Discord does not answer');
  socket.addEventListener('open', () => resolve());
  socket.addEventListener('error', () => reject(Object.assign(away, { code: 'ECONNRESET' })));
  try {
    await abortable(promise, AbortSignal.timeout(KNOCK_TIMEOUT_MS));
  } finally {
    socket.close();
  }
}

/** Resolves when all servers are known. @throws what keeps the bot out, and the signal's reason. */
export async function logIn(
  client: Client,
  token: string,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const ready = Promise.withResolvers<void>();
  client.once(Events.ClientReady, () => ready.resolve());
  await abortable(Promise.all([client.login(token), ready.promise]), signal);
}
