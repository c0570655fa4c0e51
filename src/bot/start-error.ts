import { ConfigError } from '../config.ts';
import { StoreError } from '../store/store-error.ts';
import { describeError } from './log.ts';

/** Of sysexits: something in the set-up is wrong, and another start changes nothing. */
const BAD_SETUP = 78;
/** Of sysexits: try again later, for another instance holds the database. */
const IN_USE = 75;

/** Prints why the bot cannot start, in words where it has them. @returns the exit code. */
export function explainStartError(error: unknown): number {
  if (error instanceof ConfigError || error instanceof StoreError) {
    process.stderr.write(`Myna cannot start. ${error.message}\n`);
    return error instanceof StoreError && error.kind === 'locked' ? IN_USE : BAD_SETUP;
  }
  const { code, message } =
    error instanceof Error
      ? { code: Reflect.get(error, 'code'), message: error.message }
      : { code: '', message: '' };
  if (code === 'DisallowedIntents' || /disallowed intents/i.test(message)) {
    process.stderr.write('Myna cannot start. Discord refuses the intents it asks for.\n');
    return BAD_SETUP;
  }
  process.stderr.write(`Myna cannot start. ${JSON.stringify(describeError(error))}\n`);
  return 1;
}
