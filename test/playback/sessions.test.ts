import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/domain/errors.ts';
import { createSessions } from '../../src/playback/sessions.ts';
import type { VoiceEvent } from '../../src/playback/voice-messages.ts';
import { expectContiguous } from '../discord/voice/expect-contiguous.ts';
import { AES, XCHACHA } from '../discord/voice/rtp.ts';
import { GUILD, makeLine, tone } from './lines.ts';
import { bytesOf, EAR, PLACE } from './speaking.ts';
import { CHANNEL, startVoiceWorld } from './voice-world.ts';

describe('sessions', () => {
  test('a listener hears every packet, end-to-end encrypted, in order, once', async () => {
    await using world = await startVoiceWorld();
    const listener = world.voice.join(EAR);
    const packets = await tone(1000);
    const done = world.sessions.enqueue(makeLine(packets), PLACE);
    expect(await done).toMatchObject({ kind: 'spoken', underruns: 0 });
    await listener.hearsEnd();
    expect(bytesOf(listener)).toEqual(packets.map((packet) => Buffer.from(packet).toString('hex')));
    expect(listener.speech().every(({ wasEncrypted }) => wasEncrypted)).toBe(true);
    expect(listener.undecodable).toBe(0);
    expectContiguous(listener);
  });

  test.each([
    ['XChaCha20 listed first', [XCHACHA, AES]],
    ['AES only', [AES]],
  ] as const)('it is heard with %s and without end-to-end encryption', async (_, modes) => {
    await using world = await startVoiceWorld({ dave: false, modes });
    const listener = world.voice.join(EAR);
    const packets = await tone(300);
    await world.sessions.enqueue(makeLine(packets), PLACE);
    await listener.hearsEnd();
    expect(bytesOf(listener)).toHaveLength(packets.length);
  });

  test('lines are heard one after the other', async () => {
    await using world = await startVoiceWorld();
    const listener = world.voice.join(EAR);
    const [low, high] = [await tone(200, 300), await tone(200, 900)];
    const places: number[] = [];
    const ends = await Promise.all([
      world.sessions.enqueue(makeLine(low), PLACE),
      world.sessions.enqueue(
        makeLine(high, { standsBehind: ({ lines }) => void places.push(lines) }),
        PLACE,
      ),
    ]);
    expect(ends).toMatchObject([{ kind: 'spoken' }, { kind: 'spoken' }]);
    expect(places).toEqual([1, 0]);
    await listener.hearsEnd();
    expect(bytesOf(listener)).toEqual(
      [...low, ...high].map((packet) => Buffer.from(packet).toString('hex')),
    );
    expectContiguous(listener);
  });

  test('who waits is told how long it still takes, not how long all of it takes', async () => {
    await using world = await startVoiceWorld();
    const listener = world.voice.join(EAR);
    const spoken = world.sessions.enqueue(makeLine(await tone(1000), { seconds: 60 }), PLACE);
    await listener.until(({ packets }) => packets.length > 20);
    const waits: number[] = [];
    const waiting = makeLine(await tone(20), {
      standsBehind: ({ seconds }) => void waits.push(seconds),
    });
    await Promise.all([spoken, world.sessions.enqueue(waiting, PLACE)]);
    expect(waits[0]).toBeGreaterThan(0);
    expect(waits[0]).toBeLessThan(0.9);
  });

  test('sound that comes late pauses the line and loses nothing of it', async () => {
    await using world = await startVoiceWorld();
    const listener = world.voice.join(EAR);
    const packets = await tone(600);
    const line = makeLine(packets, {
      async *packets() {
        yield* packets.slice(0, 10);
        await sleep(500);
        yield* packets.slice(10);
      },
    });
    const end = await world.sessions.enqueue(line, PLACE);
    expect(end).toMatchObject({ kind: 'spoken', underruns: 1 });
    await listener.until(({ packets: heard }) => heard.length >= packets.length + 10);
    expect(bytesOf(listener)).toHaveLength(packets.length);
    expectContiguous(listener);
  });

  test('skip cuts the line at once and the next one follows; others may not', async () => {
    await using world = await startVoiceWorld();
    const listener = world.voice.join(EAR);
    const long = world.sessions.enqueue(makeLine(await tone(5000)), PLACE);
    const next = world.sessions.enqueue(makeLine(await tone(100)), PLACE);
    await listener.until(({ packets }) => packets.length > 20);
    const stranger = { userId: '1', isModerator: false };
    expect(world.sessions.skip(GUILD, stranger)).toBeUndefined();
    expect(world.sessions.skip(GUILD, { ...stranger, isModerator: true })).toBeDefined();
    expect(await long).toEqual({ kind: 'skipped', byOther: true });
    expect(await next).toMatchObject({ kind: 'spoken' });
    expect(listener.speech().length).toBeLessThan(150);
    expectContiguous(listener);
  });

  test('a right that is withdrawn ends the line within a second', async () => {
    await using world = await startVoiceWorld();
    const listener = world.voice.join(EAR);
    let isAllowed = true;
    const line = makeLine(await tone(5000), {
      findObjection: () => Promise.resolve(isAllowed ? undefined : { why: 'off' }),
    });
    const done = world.sessions.enqueue(line, PLACE);
    await listener.until(({ packets }) => packets.length > 10);
    isAllowed = false;
    const withdrawnAt = performance.now();
    expect(await done).toEqual({ kind: 'withdrawn', why: 'off' });
    expect(performance.now() - withdrawnAt).toBeLessThan(1500);
  });

  test('a channel that is empty is left after its time', async () => {
    await using world = await startVoiceWorld({ emptyMs: 50 });
    world.voice.join(EAR);
    await world.sessions.join(
      { guildId: GUILD, channelId: CHANNEL },
      { signal: AbortSignal.timeout(10_000) },
    );
    world.sessions.listenersChanged(GUILD, 0);
    while (world.sessions.whereIs(GUILD) !== undefined) await sleep(10);
    expect(world.events.at(-1)).toMatchObject({ type: 'left', reason: 'alone' });
    expect(world.asked.at(-1)).toBeNull();
  });

  test('an empty channel is joined at once, not when keys have come that nobody there has', async () => {
    await using world = await startVoiceWorld();
    const place = { guildId: GUILD, channelId: CHANNEL };
    // Keys are waited for five seconds.
    await world.sessions.join(place, { signal: AbortSignal.timeout(3000) });
    expect(world.events).toMatchObject([{ type: 'joined', channelId: CHANNEL }]);
    const listener = world.voice.join(EAR);
    const packets = await tone(200);
    expect(await world.sessions.enqueue(makeLine(packets), PLACE)).toMatchObject({
      kind: 'spoken',
    });
    await listener.hearsEnd();
    expect(bytesOf(listener)).toHaveLength(packets.length);
    expect(listener.undecodable).toBe(0);
    expect(world.events.filter(({ type }) => type === 'joined')).toHaveLength(1);
  });

  test('the sound of the next line is fetched while the current one plays', async () => {
    await using world = await startVoiceWorld();
    world.voice.join(EAR);
    const fetched = Promise.withResolvers<void>();
    const first = world.sessions.enqueue(makeLine(await tone(2000)), PLACE);
    const packets = await tone(100);
    const next = world.sessions.enqueue(
      makeLine(packets, {
        async *packets() {
          fetched.resolve();
          yield* packets;
        },
      }),
      PLACE,
    );
    await fetched.promise;
    expect(world.sessions.queue(GUILD).map(({ state }) => state)).toEqual(['speaking', 'waiting']);
    await world.sessions.close({ graceMs: 0 });
    expect(await first).toEqual({ kind: 'shutdown', wasBegun: true });
    // It was asked for, and may have cost something.
    expect(await next).toEqual({ kind: 'shutdown', wasBegun: true });
  });

  test('a line whose sound breaks off is heard as far as it came, and then has failed', async () => {
    await using world = await startVoiceWorld();
    const listener = world.voice.join(EAR);
    const packets = await tone(1000);
    const broken = makeLine(packets, {
      async *packets() {
        yield* packets;
        throw new UserError({ code: 'E_PROVIDER_DOWN' });
      },
    });
    const end = await world.sessions.enqueue(broken, PLACE);
    expect(end).toMatchObject({ kind: 'failed', error: { message: 'E_PROVIDER_DOWN' } });
    await listener.hearsEnd();
    expect(bytesOf(listener)).toEqual(packets.map((packet) => Buffer.from(packet).toString('hex')));
  });

  test('what could not be fetched early is fetched again in its turn', async () => {
    await using world = await startVoiceWorld();
    const listener = world.voice.join(EAR);
    const first = world.sessions.enqueue(makeLine(await tone(500)), PLACE);
    const packets = await tone(200, 900);
    const states: (string | undefined)[] = [];
    const next = makeLine(packets, {
      async *packets() {
        states.push(world.sessions.queue(GUILD).find(({ id }) => id === next.id)?.state);
        yield* packets.slice(0, states.length === 1 ? 4 : packets.length);
        if (states.length === 1) throw new UserError({ code: 'E_PROVIDER_DOWN' });
      },
    });
    expect(await world.sessions.enqueue(next, PLACE)).toMatchObject({ kind: 'spoken' });
    expect(await first).toMatchObject({ kind: 'spoken' });
    expect(states).toEqual(['waiting', 'speaking']);
    await listener.hearsEnd();
    expect(bytesOf(listener).slice(-packets.length)).toEqual(
      packets.map((packet) => Buffer.from(packet).toString('hex')),
    );
  });

  test('who calls the bot back right after it was sent away is heard', async () => {
    await using world = await startVoiceWorld();
    world.voice.join(EAR);
    const place = { guildId: GUILD, channelId: CHANNEL };
    const first = world.sessions.join(place, { signal: AbortSignal.timeout(5000) });
    world.sessions.leave(GUILD);
    const line = world.sessions.enqueue(makeLine(await tone(100)), PLACE);
    await expect(first).rejects.toThrow('E_CALLED_AWAY');
    expect(await line).toMatchObject({ kind: 'spoken' });
    const waiting = world.sessions.enqueue(makeLine(await tone(5000)), PLACE);
    world.kick(GUILD);
    expect(await waiting).toEqual({ kind: 'removed' });
  });

  test('news of a session that is over means nothing to the next one', async () => {
    let emit: (event: VoiceEvent) => void = () => undefined;
    const joins: number[] = [];
    const sessions = createSessions({
      sendGateway: () => undefined,
      onEvent: () => undefined,
      openLink(emitting) {
        emit = emitting;
        return {
          post: (command) => command.type === 'join' && joins.push(command.session),
          close: () => Promise.resolve(),
        };
      },
    });
    const place = { guildId: GUILD, channelId: CHANNEL };
    const { signal } = new AbortController();
    const first = sessions.join(place, { signal });
    sessions.leave(GUILD);
    await expect(first).rejects.toThrow('E_CALLED_AWAY');
    let hasArrived = false;
    const second = sessions.join(place, { signal }).then(() => {
      hasArrived = true;
    });
    const [old = 0, current = 0] = joins;
    emit({ type: 'lost', guildId: GUILD, session: old, reason: 'refused' });
    emit({ type: 'ready', guildId: GUILD, session: old });
    await sleep(10);
    expect(hasArrived).toBe(false);
    emit({ type: 'ready', guildId: GUILD, session: current });
    await second;
    await sessions.close({ graceMs: 0 });
  });

  test('of what changes in one step a waiting line is told once', async () => {
    await using world = await startVoiceWorld();
    world.voice.join(EAR);
    const packets = await tone(3000);
    const ours = { requester: '400000000000000002' };
    const places: number[] = [];
    const ends = [
      world.sessions.enqueue(makeLine(packets), PLACE),
      world.sessions.enqueue(makeLine(packets, ours), PLACE),
      world.sessions.enqueue(makeLine(packets, ours), PLACE),
      world.sessions.enqueue(
        makeLine(packets, { standsBehind: ({ lines }) => void places.push(lines) }),
        PLACE,
      ),
    ];
    await Promise.resolve();
    world.sessions.stop(GUILD, { userId: ours.requester, isModerator: false });
    await Promise.resolve();
    world.sessions.stop(GUILD, { userId: '1', isModerator: true });
    expect((await Promise.all(ends)).map(({ kind }) => kind)).toEqual(Array(4).fill('stopped'));
    // Second of four: members take turns.
    expect(places).toEqual([2, 1]);
  });

  test('more waiting lines than allowed are refused', async () => {
    await using world = await startVoiceWorld();
    world.voice.join(EAR);
    const packets = await tone(1000);
    const limited = { ...PLACE, waiting: 1 };
    void world.sessions.enqueue(makeLine(packets), limited);
    void world.sessions.enqueue(makeLine(packets), limited);
    await expect(world.sessions.enqueue(makeLine(packets), limited)).rejects.toThrow(UserError);
  });

  test('close lets the current line end and the waiting ones know', async () => {
    await using world = await startVoiceWorld();
    const listener = world.voice.join(EAR);
    const first = world.sessions.enqueue(makeLine(await tone(400)), PLACE);
    const second = world.sessions.enqueue(makeLine(await tone(400)), PLACE);
    const third = world.sessions.enqueue(makeLine(await tone(400)), PLACE);
    await listener.until(({ packets }) => packets.length > 2);
    await world.sessions.close({ graceMs: 5000 });
    expect(await first).toMatchObject({ kind: 'spoken' });
    // Its sound was fetched already.
    expect(await second).toEqual({ kind: 'shutdown', wasBegun: true });
    expect(await third).toEqual({ kind: 'shutdown', wasBegun: false });
  });

  test('close with no time left cuts the current line, which is told apart from what waited', async () => {
    await using world = await startVoiceWorld();
    const listener = world.voice.join(EAR);
    const line = world.sessions.enqueue(makeLine(await tone(5000)), PLACE);
    await listener.until(({ packets }) => packets.length > 2);
    await world.sessions.close({ graceMs: 0 });
    expect(await line).toEqual({ kind: 'shutdown', wasBegun: true });
  });
});
