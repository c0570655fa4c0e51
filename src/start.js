// What `npm start` runs, after the check of Node's version: it becomes `main.ts`.
import { fileURLToPath } from 'node:url';

if (process.platform === 'win32') {
  // Windows replaces no process (`execve` is there, and throws), and nothing there reads the variable.
  await import('./main.ts');
} else {
  // Read when a process starts: with it glibc gives large buffers back at once.
  const env = { MALLOC_TRIM_THRESHOLD_: '131072', ...process.env };
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  // npm signals the shell it runs this in, which dies of it: the bot has to notice that.
  const parent = env.npm_lifecycle_event ? [`--parent=${process.ppid}`] : [];
  process.execve(process.execPath, [process.execPath, main, ...parent], env);
}
