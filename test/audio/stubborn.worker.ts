import { parentPort } from 'node:worker_threads';

/** A thread that does what no thread should, for the tests of those that guard it. */
parentPort?.on('message', (job: string) => {
  switch (job) {
    case 'hang':
      for (;;);
    case 'exit':
      return process.exit(3);
    case 'throw':
      throw new Error('Something went wrong in the thread');
    case 'environment':
      return parentPort?.postMessage(JSON.stringify(process.env));
    default:
      return parentPort?.postMessage(`${job} of ${threadName}`);
  }
});

const threadName = Math.random().toString(36);
