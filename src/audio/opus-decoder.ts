import { setImmediate as yieldToLoop } from 'node:timers/promises';
import { Decoder } from '@evan/opus';
import { NotAudioError } from './not-audio-error.ts';
import type { OpusPart, OpusStart } from './ogg-opus.ts';
import type { Pcm } from './pcm.ts';
import { createSidePicker, splitSides } from './sides.ts';

/** What every packet can be decoded at, whatever was encoded. */
export const OPUS_RATE = 48_000;
/** How many packets are decoded before others get a turn: under two milliseconds of work. */
const PACKETS_A_TURN = 10;

/**
 * Decodes Opus to mono at 48 kHz, as loud as each stream says, without what comes before and after its
 * sound.
 * @throws NotAudioError for a packet that cannot be decoded.
 */
export async function* decodeOpus(parts: AsyncIterable<OpusPart>): AsyncGenerator<Pcm> {
  let decode = createPacketDecoder({ channels: 1, gain: 0 });
  let skip = 0;
  let sinceTurn = 0;
  for await (const part of parts) {
    if (part.kind === 'start') {
      decode = createPacketDecoder(part);
      skip = part.preSkip;
      continue;
    }
    const decoded = decode(part.packet.bytes).subarray(0, part.samples);
    const samples = decoded.subarray(skip);
    skip -= decoded.length - samples.length;
    if (samples.length > 0) yield { sampleRate: OPUS_RATE, samples };
    sinceTurn += 1;
    if (sinceTurn % PACKETS_A_TURN === 0) await yieldToLoop();
  }
}

/** @returns decodes the packets of one stream, in their order. */
export function createPacketDecoder({ channels, gain }: Pick<OpusStart, 'channels' | 'gain'>) {
  const decoder = new Decoder({ channels, sample_rate: OPUS_RATE });
  if (gain !== 0) decoder.gain = gain;
  const pick = createSidePicker();
  return (packet: Uint8Array): Int16Array => {
    try {
      const { buffer, byteOffset, byteLength } = decoder.decode(packet);
      return pick(splitSides(new Int16Array(buffer, byteOffset, byteLength / 2), channels));
    } catch (error) {
      throw new NotAudioError('an Opus packet that cannot be decoded', { cause: error });
    }
  };
}
