import type { OpusPart } from './ogg-opus.ts';
import { decodeOpus } from './opus-decoder.ts';
import { encodeOpus } from './opus-encoder.ts';
import { type OpusPacket, packOpus, parseOpus } from './opus-packet.ts';
import { FRAME_SAMPLES } from './pcm.ts';

/** One frame of Opus at its largest; more would not fit into a datagram. */
const MAX_BYTES = 1_276;
/** A decoder that starts in the middle sounds right after 80 ms (RFC 7845, section 4.6). */
const WARM_UP = 4;

/**
 * The same sound in packets of 20 ms. Those that are so already are handed on untouched, longer ones
 * are split and shorter ones merged, bit by bit as they are. A frame that lasts longer by itself
 * cannot be, nor a stream that is to be made louder or may have a silent side: from there on the
 * sound is decoded and encoded again, to its end, for going back would be heard.
 * @throws NotAudioError.
 */
export async function* toFrames(parts: AsyncGenerator<OpusPart>): AsyncGenerator<Uint8Array> {
  /** Frames that do not fill a packet yet. */
  let held: Frames = NONE;
  /** The last packets handed on. */
  const recent: Uint8Array[] = [];
  for await (const part of parts) {
    if (part.kind === 'start') {
      if (held.frames.length > 0) yield fill(held);
      held = NONE;
      recent.length = 0;
      if (part.gain === 0 && part.channels === 1) continue;
      yield* encodeAgain([], part, parts);
      return;
    }
    const cut = regroup(held, part.packet);
    if (!cut) {
      yield* encodeAgain([...recent, ...packed(held)], part, parts, recent.length);
      return;
    }
    held = cut.held;
    recent.push(...cut.packets);
    recent.splice(0, recent.length - WARM_UP);
    yield* cut.packets;
  }
  if (held.frames.length > 0) yield fill(held);
}

/** Frames that are alike. */
type Frames = Pick<OpusPacket, 'config' | 'frameSamples' | 'frames'>;

const NONE: Frames = { config: 0, frameSamples: FRAME_SAMPLES, frames: [] };

/** @returns undefined where the packet cannot be split, or has nothing to do with what is held. */
function regroup(
  held: Frames,
  packet: OpusPacket,
): { packets: readonly Uint8Array[]; held: Frames } | undefined {
  const { bytes, config, frameSamples, frames } = packet;
  const isAlone = held.frames.length === 0;
  if (isAlone && frames.length * frameSamples === FRAME_SAMPLES && bytes.byteLength <= MAX_BYTES)
    return { packets: [bytes], held: NONE };
  if (frameSamples > FRAME_SAMPLES || !(isAlone || held.config === config)) return undefined;
  const all = [...held.frames, ...frames];
  const count = FRAME_SAMPLES / frameSamples;
  const whole = all.length - (all.length % count);
  const packets: Uint8Array[] = [];
  for (let start = 0; start < whole; start += count)
    packets.push(packOpus(config, all.slice(start, start + count)));
  if (packets.some(({ byteLength }) => byteLength > MAX_BYTES)) return undefined;
  return { packets, held: { config, frameSamples, frames: all.slice(whole) } };
}

/** Frames of no bytes at the end, where the decoder lets the sound fade out. */
function fill({ config, frameSamples, frames }: Frames): Uint8Array {
  const missing = FRAME_SAMPLES / frameSamples - frames.length;
  return packOpus(config, [...frames, ...Array<Uint8Array>(missing).fill(new Uint8Array(0))]);
}

function packed({ config, frames }: Frames): readonly Uint8Array[] {
  return frames.length > 0 ? [packOpus(config, frames)] : [];
}

/** @param before what the decoder needs to know, so many of which were `heard` already. */
function encodeAgain(
  before: readonly Uint8Array[],
  part: OpusPart,
  rest: AsyncGenerator<OpusPart>,
  heard = 0,
): AsyncGenerator<Uint8Array> {
  async function* all(): AsyncGenerator<OpusPart> {
    yield { kind: 'start', channels: 1, preSkip: heard * FRAME_SAMPLES, gain: 0 };
    for (const bytes of before)
      yield { kind: 'packet', packet: parseOpus(bytes), samples: FRAME_SAMPLES };
    yield part;
    yield* rest;
  }
  async function* samples(): AsyncGenerator<Int16Array> {
    for await (const pcm of decodeOpus(all())) yield pcm.samples;
  }
  return encodeOpus({ sampleRate: 48_000, chunks: samples() });
}
