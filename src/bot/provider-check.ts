import type { Logger } from 'pino';
import { VeniceError } from '../venice/errors.ts';
import type { Venice } from '../venice/venice.ts';
import type { Operator } from './operator.ts';

/** Once the bot is up: does the key work, and is it of the kind it should be? Tells the operator. */
export async function checkProvider(options: {
  venice: Venice;
  operator: Operator;
  log: Logger;
  signal: AbortSignal;
}): Promise<void> {
  const { venice, operator, log, signal } = options;
  try {
    const { accessPermitted, keyExpiresAt } = await venice.readAccess({ signal });
    if (!accessPermitted) await operator.providerTrouble('unauthorized');
    if (keyExpiresAt !== undefined) log.info({ keyExpiresAt }, 'the provider key expires');
    if ((await venice.readBalance({ signal })) !== undefined)
      log.warn(
        'VENICE_API_KEY is an admin key: it can do more than the bot needs. Make an inference key.',
      );
  } catch (error) {
    if (signal.aborted) return;
    const isRefused = error instanceof VeniceError && error.kind === 'unauthorized';
    if (isRefused) await operator.providerTrouble('unauthorized');
    else log.warn({ err: error }, 'the provider could not be asked whether it is ready');
  }
}
