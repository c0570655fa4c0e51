import { describe, expect, test } from 'vitest';
import { createVenice } from '../../src/venice/venice.ts';
import { startVenice } from '../venice/server.ts';
import { failure, forever, readAll } from './provider.ts';

const signal = forever();

describe.each(['live', 'guide'] as const)('on the %s face', (face) => {
  test('a sample becomes a handle that speaks, until it has expired', async () => {
    await using provider = await startVenice({ face });
    await using venice = createVenice({
      apiKey: provider.keys.inference,
      baseUrl: provider.url,
      clock: Date.now,
    });
    const model = 'tts-chatterbox-hd';
    const { id } = await venice.cloneVoice({ model, wav: silentWav(6) }, { signal });
    const line = {
      model,
      voice: id,
      input: 'Hello.',
      responseFormat: 'wav',
      streaming: true,
    } as const;
    const { contentType, chunks } = await venice.speak(line, { signal });
    expect(contentType).toBe('audio/wav');
    expect((await readAll(chunks)).toString('latin1', 0, 4)).toBe('RIFF');

    const asMp3 = venice.speak({ ...line, responseFormat: 'mp3' }, { signal });
    if (face === 'guide') expect((await asMp3).contentType).toBe('audio/mpeg');
    else expect(await failure(asMp3)).toMatchObject({ kind: 'rejected' });

    provider.advance(8 * 86_400_000);
    expect(await failure(venice.speak(line, { signal }))).toMatchObject({ kind: 'handle-dead' });
    expect(await venice.readBalance({ signal })).toBeUndefined();
    expect(await venice.readAccess({ signal })).toMatchObject({ accessPermitted: true });
  });
});

function silentWav(seconds: number): Uint8Array {
  const bytes = seconds * 48_000;
  const wav = Buffer.alloc(44 + bytes);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + bytes, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(24_000, 24);
  wav.writeUInt32LE(48_000, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(bytes, 40);
  return wav;
}
