import pino from 'pino';
import { openStore } from '../../src/store/store.ts';

// Commits one row after the other and says so, until it is killed.
const [, , path = '', prefix = ''] = process.argv;
const store = await openStore({
  path,
  masterKey: undefined,
  clock: Date.now,
  log: pino({ level: 'silent' }),
});
for (let row = 0; ; row += 1) {
  await store.members.refOf(`${prefix}${row}`);
  process.stdout.write(`${prefix}${row}\n`);
}
