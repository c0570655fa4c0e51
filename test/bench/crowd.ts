import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificate } from '../discord/voice/certificate.ts';
import type { Listener } from '../discord/voice/listener.ts';
import { startVoiceServer } from '../discord/voice/server.ts';
import { channelAskedFor, placeBot } from '../playback/gateway.ts';
import { quantile } from './quantile.ts';
import type { FromSpeaker, SpeakerJob, SpeakerResult, ToSpeaker } from './speaker.ts';

/** What listeners in many servers heard of one process that spoke in all of them at once. */
export interface CrowdResult extends SpeakerResult {
  /** Between two packets of one session, in milliseconds. */
  readonly spacing: { readonly p99: number; readonly max: number };
  /** How many packets of all came within 10 ms of when they were due. */
  readonly onTime: number;
  /** Sent and not heard, or not understood. */
  readonly lost: number;
  /** How long the speech took to be heard, in seconds, at the slowest. */
  readonly heardSeconds: number;
}

/** One process speaks in so many servers, with DAVE; a listener in each takes notes. */
export async function measureCrowd(
  job: Omit<SpeakerJob, 'places'> & { sessions: number },
): Promise<CrowdResult> {
  const certificate = await makeCertificate();
  await using voice = await startVoiceServer({ certificate, isDeferred: true });
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, certificate.cert);
  const places = Array.from({ length: job.sessions }, (_, index) => ({
    guildId: String(100_000_000_000_000_000n + BigInt(index)),
    channelId: String(300_000_000_000_000_000n + BigInt(index)),
  }));
  const listeners = places.map((place, index) =>
    voice.join({ ...place, userId: String(500_000_000_000_000_000n + BigInt(index)) }),
  );
  const speaker = new URL('./speaker.ts', import.meta.url);
  const child = fork(speaker, [JSON.stringify({ ...job, places })], {
    execPath: join(import.meta.dirname, '../../node_modules/.bin/node'),
    env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: ca },
  });
  try {
    const result = await new Promise<SpeakerResult>((resolve, reject) => {
      child.on('exit', (code) => reject(new Error(`The speaker ended with ${code}`)));
      child.on('message', (message: FromSpeaker) => {
        if (message.type === 'done') resolve(message.result);
        else if (message.type === 'ready') child.send({ type: 'go' } satisfies ToSpeaker);
        else {
          const { guildId, payload } = message;
          const place = { guildId, channelId: channelAskedFor(payload) };
          placeBot((news) => child.send(news), voice, place);
        }
      });
    });
    // The last packets are in the socket by now, and read before the next timer.
    await sleep(100);
    voice.catchUp();
    return { ...result, ...judge(listeners, job.seconds) };
  } finally {
    child.removeAllListeners('exit');
    if (child.connected) child.disconnect();
    await rm(folder, { recursive: true, force: true });
  }
}

function judge(listeners: readonly Listener[], seconds: number) {
  const spacing: number[] = [];
  let [onTime, all, lost, heardSeconds] = [0, 0, 0, 0];
  for (const listener of listeners) {
    const speech = listener.speech();
    const [first] = speech;
    const last = speech.at(-1);
    if (!first || !last) throw new Error('A listener heard nothing');
    lost += listener.undecodable + Math.max(0, seconds * 50 - speech.length);
    heardSeconds = Math.max(heardSeconds, (last.at - first.at + 20) / 1000);
    // Due by the whole of what was heard: one late first packet must not make all others early.
    const offsets = speech.map(({ at }, index) => at - index * 20).toSorted((a, b) => a - b);
    const start = offsets[offsets.length >> 1] ?? 0;
    for (const [index, { at }] of speech.entries()) {
      all += 1;
      if (Math.abs(at - start - index * 20) <= 10) onTime += 1;
      const before = speech[index - 1];
      if (before) spacing.push(at - before.at);
    }
  }
  return {
    spacing: { p99: quantile(spacing, 0.99), max: quantile(spacing, 1) },
    onTime: onTime / all,
    lost,
    heardSeconds,
  };
}
