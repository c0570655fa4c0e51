// What `npm start` runs, after the check of Node's version. There, `exec` has the shell give way: it
// would die of the signal that npm passes on, and leave the bot behind. Windows has no such word, and
// goes on to what follows.
import { fileURLToPath } from 'node:url';

if (process.execve) {
  // Read when a process starts: with it glibc gives large buffers back at once.
  const env = { MALLOC_TRIM_THRESHOLD_: '131072', ...process.env };
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  // The bot takes the place of this process, and with it the signals that npm passes on.
  process.execve(process.execPath, [process.execPath, main], env);
} else {
  // Windows replaces no process, and nothing there reads the variable.
  await import('./main.ts');
}
