import { setImmediate as yieldToLoop } from 'node:timers/promises';
import { Encoder } from '@evan/opus';
import { FRAME_MS, type PcmStream } from './pcm.ts';
import { resample } from './resample.ts';

/** Rates the codec takes as they are; others are brought to 48 kHz first. */
const OPUS_RATES = [8_000, 12_000, 16_000, 24_000, 48_000] as const;
/** Below this libopus changes to a mode that costs 2.7 times as much and sounds worse. */
const BITRATE = 64_000;
/** How many frames are encoded before others get a turn: under two milliseconds of work. */
const FRAMES_A_TURN = 10;

/**
 * Encodes sound as 20 ms Opus packets, mono, at its own rate, each as soon as it is full. The last
 * one is filled up with silence, and one more pushes out what the codec still holds (6.5 ms).
 */
export async function* encodeOpus(source: PcmStream): AsyncGenerator<Uint8Array> {
  const ownRate = OPUS_RATES.find((rate) => rate === source.sampleRate);
  const sampleRate = ownRate ?? 48_000;
  const { chunks } = ownRate ? source : resample(source, sampleRate);
  const encoder = new Encoder({ channels: 1, sample_rate: sampleRate, application: 'audio' });
  encoder.bitrate = BITRATE;
  // The first packet leans on none before it: whoever hears it may have heard other sound until then.
  encoder.prediction_disabled = true;
  const frame = new Int16Array((sampleRate * FRAME_MS) / 1000);
  let filled = 0;
  let sinceTurn = 0;
  for await (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length; ) {
      const taken = chunk.subarray(offset, offset + frame.length - filled);
      frame.set(taken, filled);
      filled += taken.length;
      offset += taken.length;
      if (filled < frame.length) break;
      filled = 0;
      yield encoder.encode(frame);
      encoder.prediction_disabled = false;
      sinceTurn += 1;
      if (sinceTurn % FRAMES_A_TURN === 0) await yieldToLoop();
    }
  }
  frame.fill(0, filled);
  if (filled > 0) yield encoder.encode(frame);
  yield encoder.encode(frame.fill(0));
}
