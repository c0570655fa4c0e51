import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { expectContiguous } from '../discord/voice/expect-contiguous.ts';
import { GUILD } from './lines.ts';
import { refuseMessage } from './refuse-message.ts';
import {
  asks,
  bytesOf,
  EAR,
  expectNothingLost,
  hex,
  OTHER_EAR,
  startSpeaking,
} from './speaking.ts';
import { CHANNEL, startVoiceWorld } from './voice-world.ts';

const { DAVESession } = createRequire(import.meta.url)('@snazzah/davey') as {
  DAVESession: { prototype: { encryptOpus(packet: Buffer): Buffer } };
};

describe('a voice server that breaks off while somebody is spoken to', () => {
  test.each([1001, 4015])('close code %i: the session is taken up again', async (code) => {
    await using world = await startVoiceWorld();
    const { listener, packets, done } = await startSpeaking(world);
    world.voice.bots[0]?.close(code);
    expect(await done).toMatchObject({ kind: 'spoken' });
    await listener.hearsEnd();
    expect(bytesOf(listener)).toEqual(hex(packets));
    expect(listener.speech().every(({ wasEncrypted }) => wasEncrypted)).toBe(true);
    expectContiguous(listener);
    expect([world.voice.resumes, asks(world)]).toEqual([1, 1]);
  });

  test.each([4006, 4022])('close code %i: asked again, and it goes on', async (code) => {
    await using world = await startVoiceWorld();
    const { listener, packets, done } = await startSpeaking(world);
    world.voice.leave(listener);
    world.voice.bots[0]?.close(code);
    const again = world.voice.join(OTHER_EAR);
    expect(await done).toMatchObject({ kind: 'spoken' });
    await again.hearsEnd();
    expectNothingLost(packets, listener, again);
    expect(asks(world)).toBe(2);
  });

  test.each([4004, 4011, 4012, 4016, 4017, 4021])(
    'close code %i: over, without asking again',
    async (code) => {
      await using world = await startVoiceWorld();
      const { done } = await startSpeaking(world, 5000);
      world.voice.bots[0]?.close(code);
      expect(await done).toEqual({ kind: 'lost' });
      expect(world.asked).toEqual([CHANNEL, null]);
      expect(world.events.at(-1)).toMatchObject({ type: 'left', reason: 'lost' });
    },
  );

  test('keys that are lost: nothing is said in the clear, and it goes on under new ones', async () => {
    await using world = await startVoiceWorld();
    const { listener, packets, done } = await startSpeaking(world);
    const keys = world.voice.withholdKeys();
    await refuseMessage(world);
    await sleep(200);
    const before = listener.speech().length;
    await sleep(100);
    expect(listener.speech().length).toBe(before);
    keys.release();
    expect(await done).toMatchObject({ kind: 'spoken' });
    await listener.hearsEnd();
    expect(listener.speech().every(({ wasEncrypted }) => wasEncrypted)).toBe(true);
    const [said, heard] = [hex(packets), bytesOf(listener)];
    expect(said.filter((packet) => heard.includes(packet))).toEqual(heard);
    expect(heard.length).toBeGreaterThanOrEqual(said.length - 2);
    expect(asks(world)).toBe(1);
  });

  test('keys that are made anew, again and again: what was ready under the old ones is not lost', async () => {
    await using world = await startVoiceWorld();
    const { listener, packets, done } = await startSpeaking(world, 3000);
    const times = 5;
    for (let time = 0; time < times; time += 1) {
      await refuseMessage(world);
      const heard = listener.speech().length;
      await listener.until(() => listener.speech().length > heard + 12);
    }
    expect(await done).toMatchObject({ kind: 'spoken' });
    await listener.hearsEnd();
    // At most the one that is on its way each time: ten are made ready at once.
    expect(packets.length - listener.speech().length).toBeLessThanOrEqual(times);
  });

  test('sound that cannot be encrypted: the channel is asked for again, and it goes on', async () => {
    await using world = await startVoiceWorld();
    const { listener, packets, done } = await startSpeaking(world);
    world.voice.leave(listener);
    const again = world.voice.join(OTHER_EAR);
    using encrypt = vi.spyOn(DAVESession.prototype, 'encryptOpus');
    encrypt.mockImplementationOnce(() => {
      throw new Error('No ratchet');
    });
    expect(await done).toMatchObject({ kind: 'spoken' });
    await again.hearsEnd();
    expect(asks(world)).toBe(2);
    expect(bytesOf(again)).toEqual(hex(packets).slice(-bytesOf(again).length));
  });

  test('gone for good: asked a few times, slowly, then its people are told', async () => {
    await using world = await startVoiceWorld();
    const { done } = await startSpeaking(world, 5000);
    await world.voice.crash();
    expect(await done).toEqual({ kind: 'lost' });
    expect(world.asked).toEqual([...Array(4).fill(CHANNEL), null]);
    expect(world.events.at(-1)).toMatchObject({ type: 'left', reason: 'lost' });
  });

  test('it breaks off far more often than it is given up for, and is heard between: it stays', {
    timeout: 60_000,
  }, async () => {
    await using world = await startVoiceWorld();
    const drops = 5;
    let { listener, done } = await startSpeaking(world, drops * 2_400);
    for (let drop = 0; drop < drops; drop += 1) {
      // For more than two seconds.
      await listener.until(() => listener.speech().length > 110);
      world.voice.leave(listener);
      world.voice.bots[0]?.close(4006);
      listener = world.voice.join({ ...EAR, userId: `50000000000000010${drop}` });
    }
    expect(await done).toMatchObject({ kind: 'spoken' });
    expect(asks(world)).toBe(1 + drops);
  });

  test.each([
    ['named at once', false],
    ['named after a while without one', true],
  ])('another server, %s: the line goes on there', async (_, isGoneFirst) => {
    await using world = await startVoiceWorld();
    const { listener, packets, done } = await startSpeaking(world);
    if (isGoneFirst) {
      world.losesServer(GUILD);
      await sleep(100);
    }
    const server = await world.getsServer(GUILD);
    const there = server.join(EAR);
    expect(await done).toMatchObject({ kind: 'spoken' });
    await there.hearsEnd();
    expectNothingLost(packets, listener, there);
    expectContiguous(there);
    expect(asks(world)).toBe(1);
  });
});
