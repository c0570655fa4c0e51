import { fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificate } from '../discord/voice/certificate.ts';
import { startVoiceServer } from '../discord/voice/server.ts';
import { channelAskedFor, placeBot } from '../playback/gateway.ts';
import { createConverter } from '../venice/sound.ts';
import type { CrowdJob, CrowdResult } from './crowd.ts';
import { judge } from './heard.ts';
import { samplesOf } from './pcm.ts';
import type { FromSpeaker, SpeakerResult, ToSpeaker } from './speaker.ts';

/** As a provider makes it: 64 kbit/s, 20 ms a packet. */
const OGG_OPUS = ['-c:a', 'libopus', '-b:a', '64k', '-frame_duration', '20', '-f', 'ogg'];

process.send?.(await listen(JSON.parse(process.argv[2] ?? '{}') as CrowdJob));
process.disconnect();

async function listen(job: CrowdJob): Promise<CrowdResult> {
  const certificate = await makeCertificate();
  await using voice = await startVoiceServer({ certificate, isDeferred: true });
  const folder = await mkdtemp(join(tmpdir(), 'bench-'));
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, certificate.cert);
  const ogg = join(folder, 'speech.ogg');
  if (job.way !== 'ours') await writeFile(ogg, await makeOgg(job.seconds));
  const places = Array.from({ length: job.sessions }, (_, index) => ({
    guildId: String(100_000_000_000_000_000n + BigInt(index)),
    channelId: String(300_000_000_000_000_000n + BigInt(index)),
  }));
  const listeners = places.map((place, index) =>
    voice.join({ ...place, userId: String(500_000_000_000_000_000n + BigInt(index)) }),
  );
  const speaker = new URL('./speaker.ts', import.meta.url);
  const child = fork(speaker, [JSON.stringify({ ...job, ogg, places })], {
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
    return { ...result, ...(await judge(listeners, job)) };
  } finally {
    child.removeAllListeners('exit');
    if (child.connected) child.disconnect();
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeOgg(seconds: number): Promise<Uint8Array> {
  await using converter = await createConverter();
  return await converter.fromPcm(await samplesOf(seconds), OGG_OPUS);
}
