import { FRAME_MS, joinSamples, type PcmStream } from './pcm.ts';

/** −2 dB below full scale: between two samples the wave rises a little higher, up to −1 dBTP. */
const CEILING = 32_768 * 10 ** (-2 / 20);
/** How fast the gain comes back after a peak: 25 dB a second. */
const RELEASE_A_FRAME = 10 ** (0.5 / 20);

/**
 * The same sound, louder or softer, its peaks held below −1 dBTP: each 20 ms is looked through
 * before any of it goes on, and the gain is down where its peak comes.
 */
export function amplify({ sampleRate, chunks }: PcmStream, gain: number): PcmStream {
  const length = (sampleRate * FRAME_MS) / 1000;

  async function* amplified(): AsyncGenerator<Int16Array> {
    let current = gain;
    let waiting: Int16Array = new Int16Array();
    for await (const chunk of chunks) {
      const all = joinSamples([waiting, chunk]);
      const whole = all.length - (all.length % length);
      // Frame by frame: the first of a chunk goes on before the rest of it is looked through.
      for (let start = 0; start < whole; start += length) {
        const frame = all.subarray(start, start + length);
        current = scaleFrame(frame, current, gain);
        yield frame;
      }
      waiting = all.slice(whole);
    }
    scaleFrame(waiting, current, gain);
    if (waiting.length > 0) yield waiting;
  }

  return { sampleRate, chunks: amplified() };
}

/** @returns the gain at its end. */
function scaleFrame(frame: Int16Array, from: number, wanted: number): number {
  let [peak, peakAt] = [0, 0];
  for (const [index, sample] of frame.entries())
    if (Math.abs(sample) > peak) [peak, peakAt] = [Math.abs(sample), index];
  const allowed = peak === 0 ? wanted : Math.min(wanted, CEILING / peak);
  const to = Math.min(allowed, from * RELEASE_A_FRAME);
  const ramp = to < from ? Math.max(1, peakAt) : frame.length;
  for (let index = 0; index < frame.length; index += 1) {
    const gain = index >= ramp ? to : from + ((to - from) * index) / ramp;
    const value = Math.round((frame[index] ?? 0) * gain);
    frame[index] = Math.max(-CEILING, Math.min(CEILING, value));
  }
  return to;
}
