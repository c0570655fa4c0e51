import { setImmediate as yieldToLoop } from 'node:timers/promises';
import { Decoder } from '@evan/opus';
import { NotAudioError } from './not-audio-error.ts';
import type { OpusPart } from './ogg-opus.ts';
import type { Pcm } from './pcm.ts';

/** What every packet can be decoded at, whatever was encoded. */
const SAMPLE_RATE = 48_000;
/** How many packets are decoded before others get a turn: under two milliseconds of work. */
const PACKETS_A_TURN = 10;

/**
 * Decodes Opus to mono at 48 kHz, without what comes before and after the sound of each stream.
 * @throws NotAudioError for a packet that cannot be decoded.
 */
export async function* decodeOpus(parts: AsyncIterable<OpusPart>): AsyncGenerator<Pcm> {
  let decoder = createDecoder();
  let skip = 0;
  let sinceTurn = 0;
  for await (const part of parts) {
    if (part.kind === 'start') {
      decoder = createDecoder();
      skip = part.preSkip;
      continue;
    }
    const decoded = decode(decoder, part.packet.bytes).subarray(0, part.samples);
    const samples = decoded.subarray(skip);
    skip -= decoded.length - samples.length;
    if (samples.length > 0) yield { sampleRate: SAMPLE_RATE, samples };
    sinceTurn += 1;
    if (sinceTurn % PACKETS_A_TURN === 0) await yieldToLoop();
  }
}

function createDecoder(): Decoder {
  return new Decoder({ channels: 1, sample_rate: SAMPLE_RATE });
}

function decode(decoder: Decoder, packet: Uint8Array): Int16Array {
  try {
    const { buffer, byteOffset, byteLength } = decoder.decode(packet);
    return new Int16Array(buffer, byteOffset, byteLength / 2);
  } catch (error) {
    throw new NotAudioError('an Opus packet that cannot be decoded', { cause: error });
  }
}
