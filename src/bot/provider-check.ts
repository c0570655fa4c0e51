import type { Logger } from 'pino';
import type { CloneMoney } from '../guilds/clone-money.ts';
import { VeniceError } from '../venice/errors.ts';
import type { CloningModel } from '../venice/models.ts';
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

/** Says at the start which clones are bounded by number, because nobody names their price. */
export function warnOfUnpricedClones(
  models: readonly CloningModel[],
  money: CloneMoney,
  log: Logger,
): void {
  const unpriced = models.filter(({ cloning }) => money.priceOf(cloning) === undefined);
  if (unpriced.length === 0) return;
  log.warn(
    { models: unpriced.map(({ id }) => id) },
    'price unknown: the catalogue names no fee for clones and renewals with these models, and CLONE_USD is not set. They are bounded by number: 3 in the first day of a server, then 10 a day, 25 a day in all.',
  );
}
