import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { expectContiguous } from '../discord/voice/expect-contiguous.ts';
import { GUILD, makeLine, tone } from './lines.ts';
import { bytesOf, EAR, hex, join, PLACE, startSpeaking } from './speaking.ts';
import { CHANNEL, startVoiceWorld } from './voice-world.ts';

describe('a stage', () => {
  test('its call is not encrypted end to end; who comes is silent until let, then heard whole', async () => {
    await using world = await startVoiceWorld({ isStage: true });
    const listener = world.voice.join(EAR);
    await join(world);
    const packets = await tone(300);
    let [askedToSpeak, fetched] = [0, 0];
    const line = makeLine(packets, {
      suppressed() {
        askedToSpeak += 1;
      },
      async *packets() {
        fetched += 1;
        yield* packets;
      },
    });
    const done = world.sessions.enqueue(line, PLACE);
    await sleep(200);
    expect([askedToSpeak, fetched, listener.packets.length]).toEqual([1, 0, 0]);
    world.suppresses(GUILD, false);
    expect(await done).toMatchObject({ kind: 'spoken' });
    await listener.hearsEnd();
    expect(bytesOf(listener)).toEqual(hex(packets));
    expect(listener.speech().some(({ wasEncrypted }) => wasEncrypted)).toBe(false);
  });

  test('moved to the audience it falls silent at once; let again it goes on', async () => {
    await using world = await startVoiceWorld({ isStage: true });
    await join(world);
    world.suppresses(GUILD, false);
    const { listener, packets, done } = await startSpeaking(world);
    world.suppresses(GUILD, true);
    // What was on its way arrives.
    await sleep(100);
    const heard = listener.packets.length;
    await sleep(200);
    expect(listener.packets).toHaveLength(heard);
    world.suppresses(GUILD, false);
    expect(await done).toMatchObject({ kind: 'spoken' });
    await listener.hearsEnd();
    expect(bytesOf(listener)).toEqual(hex(packets));
    expectContiguous(listener);
  });

  test('its lines wait only so long, and can be taken back meanwhile', async () => {
    await using world = await startVoiceWorld({ isStage: true, admittanceMs: 300 });
    await join(world);
    const packets = await tone(300);
    const mine = makeLine(packets);
    const [first, second] = [mine, makeLine(packets, { requester: '400000000000000002' })].map(
      (line) => world.sessions.enqueue(line, PLACE),
    );
    expect(world.sessions.queue(GUILD).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
    world.sessions.stop(GUILD, { userId: mine.requester, isModerator: false });
    expect(await first).toMatchObject({ kind: 'stopped' });
    expect(await second).toEqual({ kind: 'withdrawn', why: 'not-let' });
    expect(world.sessions.whereIs(GUILD)).toBe(CHANNEL);
  });
});
