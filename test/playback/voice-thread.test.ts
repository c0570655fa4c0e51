import pino from 'pino';
import { expect, test } from 'vitest';
import type { VoiceEvent } from '../../src/playback/voice-messages.ts';
import { startVoiceThread } from '../../src/playback/voice-thread.ts';

const PLACE = { guildId: '100000000000000001', channelId: '300000000000000003' };

test('when the thread dies its channels are lost, Discord is told, and another takes over', async () => {
  const events: VoiceEvent[] = [];
  let news = Promise.withResolvers<void>();
  const link = startVoiceThread({
    log: pino({ level: 'silent' }),
    emit(event) {
      events.push(event);
      news.resolve();
      news = Promise.withResolvers();
    },
  });
  const until = async (count: number) => {
    while (events.length < count) await news.promise;
  };
  link.post({ type: 'join', session: 1, ...PLACE });
  await until(1);
  expect(events[0]).toMatchObject({ type: 'gateway', payload: { op: 4 } });
  // Nothing Discord would send.
  link.post({ type: 'voice-state', guildId: PLACE.guildId, payload: null });
  await until(3);
  expect(events.slice(1)).toMatchObject([
    { type: 'gateway', payload: { op: 4, d: { channel_id: null } } },
    { type: 'lost', guildId: PLACE.guildId, session: 1 },
  ]);
  link.post({ type: 'join', session: 2, ...PLACE });
  await until(4);
  expect(events[3]).toMatchObject({ payload: { d: { channel_id: PLACE.channelId } } });
  await link.close();
  expect(events.at(-1)).toMatchObject({ payload: { d: { channel_id: null } } });
});
