import { ConfigError } from '../config.ts';
import { isBusy, StoreError } from '../store/store-error.ts';
import { describeError } from './log.ts';
import { isAway } from './until-reached.ts';

/** Of sysexits: something in the set-up is wrong, and another start changes nothing. */
const BAD_SETUP = 78;
/** Of sysexits: try again later, as where another instance holds the database. */
const TRY_AGAIN = 75;

/** Prints why the bot cannot start, in words where it has them. @returns the exit code. */
export function explainStartError(error: unknown): number {
  if (error instanceof ConfigError || error instanceof StoreError) {
    process.stderr.write(`Myna cannot start. ${error.message}\n`);
    return error instanceof StoreError && error.kind === 'locked' ? TRY_AGAIN : BAD_SETUP;
  }
  if (isBusy(error)) {
    process.stderr.write(
      'Myna cannot start. Another program holds the database: close it there, and start again.\n',
    );
    return TRY_AGAIN;
  }
  const { code, message } =
    error instanceof Error
      ? { code: Reflect.get(error, 'code'), message: error.message }
      : { code: '', message: '' };
  if (code === 'DisallowedIntents' || /disallowed intents/i.test(message)) {
    process.stderr.write('Myna cannot start. Discord refuses the intents it asks for.\n');
    return BAD_SETUP;
  }
  if (isAway(error) || /^Unexpected server response/.test(message)) {
    process.stderr.write(
      'Myna cannot start. Discord went away in the middle of it: start again.\n',
    );
    return TRY_AGAIN;
  }
  process.stderr.write(`Myna cannot start. ${JSON.stringify(describeError(error))}\n`);
  return 1;
}
