import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { writeWav } from '../../src/audio/wav.ts';
import { loadSynthesis, SAMPLE_RATE } from '../venice/synthesis.ts';
import { READING } from './stage.ts';

const DEMO = new URL('../demo.ts', import.meta.url).pathname;

test('the demo posts a voice message, reads as a member does, and owns up that nothing is cloned', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'));
  const sample = join(folder, 'me.wav');
  const samples = (await loadSynthesis()).speak(READING, { voice: 'ada' });
  await writeFile(sample, writeWav({ sampleRate: SAMPLE_RATE, samples }));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [DEMO, '--sample', sample]);
    expect(stdout).toContain('it does NOT clone');
    expect(stdout).toContain('Posted as a voice message');
    expect(stdout).toMatch(/#lobby +🤖 AI voice of @Ada\n/);
    expect(stdout).toContain('lapses in 7 days');
    expect(stdout).toContain('Spoken in #Lounge as Ada.');
    expect(stdout.match(/<[@#t][^>]*>|\*\*|-# /g)).toBeNull();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 120_000);
