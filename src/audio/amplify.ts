import { FRAME_MS, joinSamples, type PcmStream } from './pcm.ts';
import { TAPS_BEFORE, TAPS_BEHIND, truePeak } from './true-peak.ts';

/** −1.5 dBTP: what oversampling four times finds can be half a dB too little. */
const CEILING = 32_768 * 10 ** (-1.5 / 20);
/** How fast the gain comes back after a peak: 50 dB a second, within a syllable or two. */
const RELEASE_A_FRAME = 10 ** (1 / 20);
/** How much higher the wave rises between two samples than both, but in the rarest noise. */
const MOST_RISE = 10 ** (5 / 20);
/** How far beyond its frame is looked, so that the gain never has to jump where the next begins. */
const AHEAD_MS = 1;

/**
 * The same sound, louder or softer, its peaks held below −1 dBTP: each 20 ms is looked through
 * before any of it goes on, and the gain is down where its peaks come.
 */
export function amplify({ sampleRate, chunks }: PcmStream, gain: number): PcmStream {
  const length = Math.floor((sampleRate * FRAME_MS) / 1000);
  const ahead = Math.ceil((sampleRate * AHEAD_MS) / 1000);
  const reach = ahead + TAPS_BEHIND;

  async function* amplified(): AsyncGenerator<Int16Array> {
    let current = gain;
    // What went before the next frame, and what is here of it.
    let all: Int16Array = new Int16Array(TAPS_BEFORE);
    const takeFrame = (size: number) => {
      const end = TAPS_BEFORE + size;
      const peaks = findPeaks(all, end + ahead, current, gain);
      const to = Math.min(peaks.allowed, current * RELEASE_A_FRAME);
      const ramp = to < current ? Math.min(peaks.first - TAPS_BEFORE, size) : size;
      const frame = scale(all.subarray(TAPS_BEFORE, end), { from: current, to, ramp });
      current = to;
      all = all.subarray(size);
      return frame;
    };
    for await (const chunk of chunks) {
      all = joinSamples([all, chunk]);
      // Frame by frame: the first of a chunk goes on before the rest of it is looked through.
      while (all.length >= TAPS_BEFORE + length + reach) yield takeFrame(length);
    }
    let left = all.length - TAPS_BEFORE;
    all = joinSamples([all, new Int16Array(reach)]);
    for (; left > 0; left -= length) yield takeFrame(Math.min(left, length));
  }

  return { sampleRate, chunks: amplified() };
}

/** What gain the peaks up to there allow, and where the first of them is that the current one does not. */
function findPeaks(
  samples: Int16Array,
  end: number,
  current: number,
  wanted: number,
): { allowed: number; first: number } {
  const near = CEILING / Math.max(current, wanted) / MOST_RISE;
  if (plainPeak(samples, end) < near) return { allowed: wanted, first: end };
  let [peak, first] = [0, end];
  let wasNear = false;
  for (let index = TAPS_BEFORE; index <= end; index += 1) {
    const sample = samples[index] ?? 0;
    const isNear = sample >= near || sample <= -near;
    if (isNear || wasNear) {
      const here = truePeak(samples, index - 1);
      peak = Math.max(peak, here);
      if (first === end && here * current > CEILING) first = index - 1;
    }
    wasNear = isNear;
  }
  return { allowed: Math.min(wanted, CEILING / peak), first };
}

/** Most frames need no more than this, which costs a twentieth. */
function plainPeak(samples: Int16Array, end: number): number {
  let peak = 0;
  for (let index = TAPS_BEFORE; index <= end; index += 1)
    peak = Math.max(peak, Math.abs(samples[index] ?? 0));
  return peak;
}

/** Brings the gain from one to the other in so many samples, and keeps it there. */
function scale(
  samples: Int16Array,
  { from, to, ramp }: { from: number; to: number; ramp: number },
): Int16Array {
  const scaled = new Int16Array(samples.length);
  const step = ramp > 0 ? (to - from) / ramp : 0;
  for (let index = 0; index < samples.length; index += 1) {
    const gain = index < ramp ? from + step * index : to;
    // Not Math.round, which takes another branch for every other sample: twice as long.
    const value = Math.floor((samples[index] ?? 0) * gain + 0.5);
    scaled[index] = Math.max(-CEILING, Math.min(CEILING, value));
  }
  return scaled;
}
