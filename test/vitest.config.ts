import { defineConfig } from 'vitest/config';
import type { TestModule } from 'vitest/node';

/** Ends the run with a line that any reader of logs understands. */
const countTests = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const states = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => test.result().state),
    );
    const count = (state: string) => states.filter((each) => each === state).length;
    const skipped = count('skipped');
    process.stdout.write(
      `${count('passed')} passed, ${count('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
    );
  },
};

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Of two cores: a third of the time is spent waiting.
    maxWorkers: 3,
    projects: [
      // The voice library keeps its connections in a global: each file has a process of its own.
      { extends: true, test: { name: 'playback', include: ['test/playback/**/*.test.ts'] } },
      // Else those of a worker share one: what takes long to make (FFmpeg, speech) is made once there.
      {
        extends: true,
        test: {
          name: 'all else',
          include: ['test/**/*.test.ts'],
          exclude: ['test/playback/**'],
          isolate: false,
        },
      },
    ],
    reporters: ['default', countTests],
  },
});
