import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = new URL('../..', import.meta.url).pathname;

/** One JSON line of the bot's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg?: string };

/** The real bot, as a process of its own. */
export interface BotProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Everything it wrote so far, to stdout and stderr. */
  readonly output: readonly string[];
  readonly folder: string;
  /** Resolves with the first log line that fits, also one already written. */
  line(fits: (line: LogLine) => boolean, options?: { timeoutMs?: number }): Promise<LogLine>;
  ready(): Promise<LogLine>;
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Whom to signal where it was started through npm: as a terminal does, as a container, as an operator. */
  pidOf(whom: 'group' | 'npm' | 'bot'): number;
  readonly exit: Promise<number | null>;
}

/**
 * Starts `node src/main.ts` (or `npm start`) with nothing of this shell's environment but the path,
 * and with a compile cache: the tests start it over a hundred times.
 * Its data lives in a temporary folder, removed on disposal unless one is given.
 */
export async function startBot(
  env: Readonly<Record<string, string>>,
  options: { folder?: string; throughNpm?: boolean } = {},
): Promise<BotProcess> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'myna-')));
  const [command, args] = options.throughNpm
    ? (['npm', ['start', '--silent']] as const)
    : ([join(ROOT, 'node_modules/.bin/node'), [join(ROOT, 'src/main.ts')]] as const);
  const child = spawn(command, args, {
    cwd: options.throughNpm ? ROOT : folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      DATABASE_PATH: join(folder, 'myna.db'),
      NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.cache/myna'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, as a shell and a service manager give it.
    detached: options.throughNpm ?? false,
  });
  const pid = child.pid ?? 0;
  const output: string[] = [];
  const waiting = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line);
      for (const look of waiting) look(line);
    });
  }
  const exit = once(child, 'close').then(([code]) => code as number | null);

  const line: BotProcess['line'] = (fits, { timeoutMs = 20_000 } = {}) =>
    new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        waiting.delete(look);
        clearTimeout(timer);
        settle();
      };
      const fail = (why: string) =>
        finish(() => reject(new Error(`${why}; the bot said:\n${output.slice(-40).join('\n')}`)));
      const look = (text: string) => {
        const parsed = readLine(text);
        if (parsed && fits(parsed)) finish(() => resolve(parsed));
      };
      const timer = setTimeout(() => fail('No such log line came'), timeoutMs);
      waiting.add(look);
      for (const text of [...output]) look(text);
      exit.then(
        () => fail('The bot ended before that log line'),
        (error: Error) => fail(error.message),
      );
    });

  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return await exit;
  };

  return {
    child,
    output,
    folder,
    exit,
    line,
    ready: () => line(({ msg }) => msg === 'ready'),
    stop,
    pidOf(whom) {
      if (whom === 'bot') return lastChildOf(pid);
      return whom === 'npm' ? pid : -pid;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        if (options.throughNpm) process.kill(-pid, 'SIGKILL');
        await stop('SIGKILL');
      }
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

function readLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  return JSON.parse(text) as LogLine;
}

/** The end of a chain of processes that each have started one. */
function lastChildOf(pid: number): number {
  try {
    return lastChildOf(Number(execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })));
  } catch {
    // It has none, which pgrep takes for a failure.
    return pid;
  }
}
