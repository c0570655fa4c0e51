import { RESTJSONErrorCodes } from 'discord.js';
import { MINUTE_MS } from '../domain/time.ts';

type Send = (url: string, init: RequestInit) => Promise<Response>;

const ACKNOWLEDGEMENT = /\/interactions\/\d+\/[^/]+\/callback/;

/**
 * Where the answer to an acknowledgement was lost, the library sends it again, and Discord refuses:
 * the interaction has been acknowledged already. By us, then, so that it counts as taken, and the
 * member is not left with "thinking…" for ever. Unasked for, the refusal stands: another process
 * with the same token was faster.
 */
export function takeRepeatedAcks(send: Send): Send {
  /** By their addresses, each of which is used once but for this. */
  const unanswered = new Set<string>();

  function lose(url: string): void {
    unanswered.add(url);
    setTimeout(() => unanswered.delete(url), MINUTE_MS).unref();
  }

  return async (url, init) => {
    if (!ACKNOWLEDGEMENT.test(url)) return await send(url, init);
    const isRepeat = unanswered.has(url);
    try {
      const response = await send(url, init);
      if (response.status >= 500) lose(url);
      const isTaken = isRepeat && response.status === 400 && (await isAcknowledged(response));
      return isTaken ? new Response(null, { status: 204 }) : response;
    } catch (error) {
      lose(url);
      throw error;
    }
  };
}

async function isAcknowledged(response: Response): Promise<boolean> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  const code: unknown = typeof body === 'object' && body !== null && Reflect.get(body, 'code');
  return code === RESTJSONErrorCodes.InteractionHasAlreadyBeenAcknowledged;
}
