import { fork } from 'node:child_process';
import type { Heard } from './heard.ts';
import type { SpeakerJob, SpeakerResult } from './speaker.ts';

export type CrowdJob = Omit<SpeakerJob, 'places' | 'ogg'> & { readonly sessions: number };
export type CrowdResult = SpeakerResult & Heard;

/**
 * One process speaks in so many servers, with DAVE; a listener in each takes notes, all of them in
 * another process. Both are fresh: what earlier crowds left behind would be collected meanwhile.
 */
export async function measureCrowd(job: CrowdJob): Promise<CrowdResult> {
  const child = fork(new URL('./listeners.ts', import.meta.url), [JSON.stringify(job)]);
  return await new Promise<CrowdResult>((resolve, reject) => {
    child.once('message', (result: CrowdResult) => resolve(result));
    child.once('exit', (code) => reject(new Error(`The listeners ended with ${code}`)));
  });
}
