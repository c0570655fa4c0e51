import { expect } from 'vitest';
import type { LineEnd } from '../../src/playback/line.ts';
import type { Listener } from '../discord/voice/listener.ts';
import { GUILD, makeLine, tone } from './lines.ts';
import { CHANNEL, type VoiceWorld } from './voice-world.ts';

export const HERE = { guildId: GUILD, channelId: CHANNEL };
export const PLACE = { channelId: CHANNEL, waiting: 5, serverWaiting: 20 };
export const EAR = { ...HERE, userId: '500000000000000001' };
export const OTHER_EAR = { ...HERE, userId: '500000000000000002' };

/** Brings the bot into a channel. */
export async function join({ sessions }: VoiceWorld, place = HERE): Promise<void> {
  await sessions.join(place, { signal: AbortSignal.timeout(10_000) });
}

/** Has somebody be spoken to: who hears it, what there is to hear, and how it will end. */
export async function startSpeaking(
  world: VoiceWorld,
  ms = 700,
): Promise<{ listener: Listener; packets: readonly Uint8Array[]; done: Promise<LineEnd> }> {
  const listener = world.voice.join(EAR);
  const packets = await tone(ms);
  const done = world.sessions.enqueue(makeLine(packets), PLACE);
  await listener.until(({ packets: heard }) => heard.length > 10);
  return { listener, packets, done };
}

/** How often the bot asked for a channel, leaving aside. */
export function asks({ asked }: VoiceWorld): number {
  return asked.filter((channel) => channel !== null).length;
}

export function hex(packets: readonly Uint8Array[]): readonly string[] {
  return packets.map((packet) => Buffer.from(packet).toString('hex'));
}

export function bytesOf(listener: Listener): readonly string[] {
  return listener.speech().map(({ opus }) => opus.toString('hex'));
}

/** What one heard until the break and the other after it is all there was, but for the moment itself. */
export function expectNothingLost(
  packets: readonly Uint8Array[],
  before: Listener,
  after: Listener,
): void {
  const [said, first, second] = [hex(packets), bytesOf(before), bytesOf(after)];
  expect(first).toEqual(said.slice(0, first.length));
  expect(second).toEqual(said.slice(-second.length));
  expect(first.length + second.length).toBeGreaterThanOrEqual(said.length - 2);
  expect([before.undecodable, after.undecodable]).toEqual([0, 0]);
}
