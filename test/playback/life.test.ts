import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createSessions } from '../../src/playback/sessions.ts';
import { createVoiceLink } from '../../src/playback/voice-link.ts';
import { channelAskedFor } from './gateway.ts';
import { GUILD, makeLine, tone } from './lines.ts';
import { refuseMessage } from './refuse-message.ts';
import {
  asks,
  bytesOf,
  EAR,
  expectNothingLost,
  HERE,
  hex,
  join,
  OTHER_EAR,
  PLACE,
  startSpeaking,
} from './speaking.ts';
import { CHANNEL, startVoiceWorld } from './voice-world.ts';

const THERE = '300000000000000004';

describe('the way into a channel', () => {
  test('two lost discovery packets cost a moment, not the connection', async () => {
    await using world = await startVoiceWorld();
    world.voice.join(EAR);
    world.voice.dropDiscovery(2);
    await join(world);
    expect(world.voice.bots).toHaveLength(1);
  });

  test('an encryption message that the library refuses does not end the process', async () => {
    await using world = await startVoiceWorld();
    world.voice.join(EAR);
    await join(world);
    await refuseMessage(world);
    await sleep(100);
    expect(world.sessions.whereIs(GUILD)).toBe(CHANNEL);
  });

  test('two servers are spoken in at once', async () => {
    await using world = await startVoiceWorld();
    const other = { guildId: '100000000000000002', channelId: '300000000000000009' };
    const ears = [world.voice.join(EAR), world.voice.join({ ...EAR, ...other })];
    const [here, there] = [await tone(500, 300), await tone(500, 900)];
    await Promise.all([
      world.sessions.enqueue(makeLine(here), PLACE),
      world.sessions.enqueue(makeLine(there, { guildId: other.guildId }), {
        ...PLACE,
        channelId: other.channelId,
      }),
    ]);
    await Promise.all(ears.map((ear) => ear.hearsEnd()));
    expect(ears.map(({ undecodable }) => undecodable)).toEqual([0, 0]);
    expect(ears.map((ear) => bytesOf(ear).length)).toEqual([here.length, there.length]);
  });
});

describe('a gateway that does not answer, as for a full channel', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('it is asked twice, and then those who wait are told', async () => {
    const asked: (string | null)[] = [];
    const log = { info: () => undefined, warn: () => undefined };
    const sessions = createSessions({
      openLink: (emit) => createVoiceLink({ emit, log }),
      onEvent: () => undefined,
      sendGateway: (_, payload) => void asked.push(channelAskedFor(payload)),
    });
    const done = sessions.enqueue(makeLine([Uint8Array.of(1)]), PLACE);
    await vi.advanceTimersByTimeAsync(32_000);
    expect(await done).toMatchObject({ kind: 'failed', error: { message: 'E_VOICE_CONNECT' } });
    expect(asked).toEqual([CHANNEL, CHANNEL, null]);
    expect(sessions.whereIs(GUILD)).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a gateway that loses or moves the bot while it speaks', () => {
  test('a bot that is put out loses its lines and does not come back', async () => {
    await using world = await startVoiceWorld();
    const { done } = await startSpeaking(world, 5000);
    world.kick(GUILD);
    expect(await done).toEqual({ kind: 'removed' });
    expect(world.events.at(-1)).toMatchObject({ type: 'left', reason: 'removed' });
    expect(asks(world)).toBe(1);
  });

  test('a bot that is put out before it could be heard gives up at once', async () => {
    await using world = await startVoiceWorld();
    world.voice.join(EAR);
    world.voice.dropDiscovery(100);
    const joining = join(world);
    const done = world.sessions.enqueue(makeLine(await tone(100)), PLACE);
    while (world.voice.bots.length === 0) await sleep(10);
    world.kick(GUILD);
    await expect(joining).rejects.toThrow('E_VOICE_REMOVED');
    expect(await done).toEqual({ kind: 'removed' });
    expect(world.asked).toEqual([CHANNEL, null]);
  });

  test('a bot that is dragged to another channel goes on there and knows where it is', async () => {
    await using world = await startVoiceWorld();
    const listener = world.voice.join({ ...OTHER_EAR, channelId: THERE });
    const { listener: before, packets, done } = await startSpeaking(world);
    world.drag(GUILD, THERE);
    expect(await done).toMatchObject({ kind: 'spoken' });
    await listener.hearsEnd();
    expectNothingLost(packets, before, listener);
    expect(world.sessions.whereIs(GUILD)).toBe(THERE);
    await join(world, { ...HERE, channelId: THERE });
    expect(asks(world)).toBe(1);
    const told = world.events.filter(({ type }) => type !== 'queue-changed');
    expect(told).toMatchObject(
      [CHANNEL, THERE].flatMap((channelId) => [
        { type: 'joined', channelId },
        { type: 'line-started', channelId },
      ]),
    );
  });

  test('a gateway that began anew has forgotten it: it comes again, and the line goes on', async () => {
    await using world = await startVoiceWorld();
    const { listener, packets, done } = await startSpeaking(world);
    world.voice.leave(listener);
    world.voice.bots[0]?.close(4014);
    world.sessions.rejoin(GUILD);
    const again = world.voice.join(OTHER_EAR);
    expect(await done).toMatchObject({ kind: 'spoken' });
    await again.hearsEnd();
    expectNothingLost(packets, listener, again);
    expect(asks(world)).toBe(2);
    expect(world.events.filter(({ type }) => type === 'joined')).toHaveLength(1);
  });

  test('called elsewhere while it is on its way back, it goes there at once', async () => {
    await using world = await startVoiceWorld();
    world.voice.join({ ...OTHER_EAR, channelId: THERE });
    const { done } = await startSpeaking(world);
    world.voice.bots[0]?.close(4006);
    await sleep(100);
    await join(world, { ...HERE, channelId: THERE });
    expect(await done).toEqual({ kind: 'called-away', to: THERE });
    expect(world.asked).toEqual([CHANNEL, THERE]);
  });

  test('on its way elsewhere it says nothing where it was, whoever comes or goes there', async () => {
    await using world = await startVoiceWorld();
    const listener = world.voice.join(EAR);
    await join(world);
    world.gatewayAnswers = false;
    const packets = await tone(300);
    const done = world.sessions.enqueue(makeLine(packets), { ...PLACE, channelId: THERE });
    world.voice.leave(listener);
    const newcomer = world.voice.join(OTHER_EAR);
    await newcomer.until(({ hasKeys }) => hasKeys);
    await sleep(100);
    const there = world.voice.join({ ...EAR, channelId: THERE });
    world.drag(GUILD, THERE);
    expect(await done).toMatchObject({ kind: 'spoken' });
    await there.hearsEnd();
    expect(bytesOf(there)).toEqual(hex(packets));
    expect(newcomer.packets).toEqual([]);
  });

  test('called elsewhere before it arrived, those who wait for it are told so', async () => {
    await using world = await startVoiceWorld();
    world.voice.join({ ...EAR, channelId: THERE });
    world.gatewayAnswers = false;
    const first = expect(join(world)).rejects.toThrow('E_CALLED_AWAY');
    world.gatewayAnswers = true;
    const second = join(world, { ...HERE, channelId: THERE });
    await first;
    // What Discord still says of the first call.
    world.sessions.voiceState(GUILD, CHANNEL, { channel_id: CHANNEL });
    expect(world.sessions.whereIs(GUILD)).toBe(THERE);
    await second;
    world.gatewayAnswers = false;
    const third = expect(join(world)).rejects.toThrow('E_CALLED_AWAY');
    world.sessions.leave(GUILD);
    await third;
  });

  test('let go without a word, it comes again by itself', async () => {
    await using world = await startVoiceWorld();
    const { done } = await startSpeaking(world);
    world.voice.bots[0]?.close(4014);
    expect(await done).toMatchObject({ kind: 'spoken' });
    expect(asks(world)).toBe(2);
  });
});

describe('what listeners get', () => {
  test('packets lost on the way leave a hole of their length, and nothing after it is wrong', async () => {
    await using world = await startVoiceWorld();
    const listener = world.voice.join(EAR);
    let count = 0;
    world.voice.losePackets(() => {
      count += 1;
      return count % 5 === 0 || (count > 20 && count < 30);
    });
    const packets = await tone(1000);
    const done = world.sessions.enqueue(makeLine(packets), PLACE);
    expect(await done).toMatchObject({ kind: 'spoken', underruns: 0 });
    await listener.until(({ packets: heard }) => heard.at(-1)?.isSilence ?? false);
    expect(listener.undecodable).toBe(0);
    const [first] = listener.packets;
    for (const { sequence, timestamp } of listener.packets) {
      const place = (sequence - (first?.sequence ?? 0)) & 0xffff;
      expect((timestamp - (first?.timestamp ?? 0)) >>> 0).toBe(place * 960);
    }
    const said = hex(packets);
    expect(bytesOf(listener).every((packet) => said.includes(packet))).toBe(true);
    expect(bytesOf(listener).length).toBeLessThan(packets.length - 10);
  });
});
