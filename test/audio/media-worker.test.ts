import { expect, test } from 'vitest';
import { createFfmpegModule } from '../../src/audio/ffmpeg-module.ts';
import { createMediaWorker, type MediaThreads } from '../../src/audio/media-worker.ts';

const { signal } = new AbortController();

const WARM: MediaThreads = { kind: 'warm' };
const FRESH: MediaThreads = { kind: 'fresh', turnMs: 20_000 };

async function open({ threads = WARM, timeoutMs = 20_000 } = {}) {
  return createMediaWorker<string, string>({
    entry: new URL('./stubborn.worker.ts', import.meta.url),
    ffmpeg: createFfmpegModule(),
    threads,
    timeoutMs,
  });
}

const threadOf = (answer: string) => answer.split(' of ')[1];

test('a warm thread serves job after job; a fresh one serves only one', async () => {
  await using warm = await open();
  const [one, two] = [await warm.run('a', { signal }), await warm.run('b', { signal })];
  expect(threadOf(one)).toBe(threadOf(two));
  await using fresh = await open({ threads: FRESH });
  const [three, four] = [await fresh.run('a', { signal }), await fresh.run('b', { signal })];
  expect(threadOf(three)).not.toBe(threadOf(four));
});

test('a thread that hangs is killed, and the next job gets another', async () => {
  await using worker = await open({ timeoutMs: 3000 });
  const before = await worker.run('a', { signal });
  await expect(worker.run('hang', { signal })).rejects.toThrow('A media job failed');
  const after = await worker.run('a', { signal });
  expect(threadOf(after)).not.toBe(threadOf(before));
});

test.each(['exit', 'throw'])(
  'a thread that dies (%s) fails its job and no other',
  async (death) => {
    await using worker = await open();
    const dying = worker.run(death, { signal });
    const waiting = worker.run('a', { signal });
    await expect(dying).rejects.toThrow('A media job failed');
    expect(await waiting).toMatch(/^a of /);
  },
);

test('an abort ends the job with its own reason', async () => {
  await using worker = await open();
  const stop = new AbortController();
  const hanging = worker.run('hang', { signal: stop.signal });
  const reason = new Error('Enough');
  stop.abort(reason);
  await expect(hanging).rejects.toBe(reason);
  await expect(worker.run('a', { signal: stop.signal })).rejects.toBe(reason);
});

test('whoever gives up waiting neither waits on nor lets others overtake', async () => {
  await using worker = await open({ timeoutMs: 1500 });
  const ended: string[] = [];
  const note = (name: string, job: Promise<unknown>) =>
    Promise.allSettled([job]).then(() => ended.push(name));
  const stop = new AbortController();
  const first = note('first', worker.run('hang', { signal }));
  const second = note('second', worker.run('a', { signal: stop.signal }));
  const third = note('third', worker.run('a', { signal }));
  stop.abort();
  await Promise.all([first, second, third]);
  expect(ended).toEqual(['second', 'first', 'third']);
});

test('a job in a fresh thread that takes long lets the next begin beside it', async () => {
  await using worker = await open({ threads: { kind: 'fresh', turnMs: 200 } });
  const stop = new AbortController();
  const long = worker.run('hang', { signal: stop.signal });
  const others = await Promise.all([worker.run('a', { signal }), worker.run('b', { signal })]);
  expect(others.map((answer) => answer.split(' ')[0])).toEqual(['a', 'b']);
  stop.abort();
  await expect(long).rejects.toBe(stop.signal.reason);
});

test('the thread sees nothing of the environment', async () => {
  await using worker = await open();
  expect(await worker.run('environment', { signal })).toBe('{}');
});

test('closing ends what runs and what waits, and takes no more', async () => {
  const worker = await open({ threads: FRESH });
  const jobs = Promise.allSettled([worker.run('hang', { signal }), worker.run('a', { signal })]);
  await worker[Symbol.asyncDispose]();
  expect((await jobs).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(worker.run('a', { signal })).rejects.toThrow('A media job failed');
});
