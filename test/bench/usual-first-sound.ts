import { Readable } from 'node:stream';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import {
  AudioPlayerStatus,
  createAudioPlayer,
  createAudioResource,
  entersState,
  StreamType,
  VoiceConnectionStatus,
} from '@discordjs/voice';
import { makeCertificate } from '../discord/voice/certificate.ts';
import { startVoiceServer } from '../discord/voice/server.ts';
import { channelAskedFor, placeBot } from '../playback/gateway.ts';
import { startVenice } from '../venice/server.ts';
import { joinUsually } from './usual-connection.ts';

const LINES = 15;
const PLACE = { guildId: '100000000000000001', channelId: '300000000000000001' };

/**
 * From the provider's first byte to the first voice packet the usual way, in milliseconds, line by
 * line: the whole body, then a resource of it in an AudioPlayer.
 */
export async function measureUsualFirstPackets(
  format: 'opus' | 'wav' | 'mp3',
): Promise<readonly number[]> {
  const certificate = await makeCertificate();
  setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);
  await using venice = await startVenice({ face: 'guide', requestsPerMinute: 6000 });
  await using voice = await startVoiceServer({ certificate });
  const listener = voice.join({ ...PLACE, userId: '500000000000000001' });
  const usual = joinUsually(PLACE, (payload) => {
    const place = { ...PLACE, channelId: channelAskedFor(payload) };
    setImmediate(() => placeBot(usual.feed, voice, place));
  });
  const { connection } = usual;
  await entersState(connection, VoiceConnectionStatus.Ready, 10_000);
  const player = createAudioPlayer();
  connection.subscribe(player);
  const inputType = format === 'opus' ? StreamType.OggOpus : StreamType.Arbitrary;
  const latencies: number[] = [];
  for (let line = 0; line < LINES; line += 1) {
    const before = listener.speech().length;
    const body = await speak(venice, `Number ${line}.`, format);
    player.play(createAudioResource(Readable.from(body), { inputType }));
    await entersState(player, AudioPlayerStatus.Playing, 10_000);
    await entersState(player, AudioPlayerStatus.Idle, 30_000);
    const first = listener.speech()[before];
    latencies.push((first?.at ?? Infinity) - (venice.spoken().at(-1)?.firstByteAt ?? 0));
  }
  connection.destroy();
  return latencies;
}

async function speak(
  { url, keys }: Awaited<ReturnType<typeof startVenice>>,
  input: string,
  format: string,
): Promise<Buffer> {
  const response = await fetch(`${url}/audio/speech`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.inference}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tts-kokoro', voice: 'af_sky', input, response_format: format }),
  });
  if (!response.ok) throw new Error(`The stand-in refused with ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}
